#include "seed/instant.h"

#include <fmt/format.h>

#include <chrono>

namespace godwit::seed {
namespace {

using std::chrono::day;
using std::chrono::days;
using std::chrono::month;
using std::chrono::sys_days;
using std::chrono::year;
using std::chrono::year_month_day;

constexpr int64_t kSecond = 1'000;
constexpr int64_t kMinute = 60 * kSecond;
constexpr int64_t kHour = 60 * kMinute;
constexpr int64_t kDay = 24 * kHour;
constexpr int64_t kMostSpan = 10'000 * 366 * kDay;

// Reads from the front of a text; after a failure nothing more is read.
class Scanner {
public:
    explicit Scanner(std::string_view text) : left_(text) {}

    // Exactly `digits` digits, at most `most`.
    int number(int digits, int least, int most) {
        int value = 0;
        for (int i = 0; i < digits; ++i) {
            if (left_.empty() || left_.front() < '0' || left_.front() > '9') ok_ = false;
            if (!ok_) return least;
            value = value * 10 + (left_.front() - '0');
            left_.remove_prefix(1);
        }
        if (value < least || value > most) ok_ = false;
        return value;
    }
    bool take(char c) {
        if (!ok_ || !left_.starts_with(c)) return false;
        left_.remove_prefix(1);
        return true;
    }
    void need(char c) { ok_ = take(c) && ok_; }
    bool at_digit() const { return !left_.empty() && left_.front() >= '0' && left_.front() <= '9'; }
    bool finished() const { return ok_ && left_.empty(); }
    bool empty() const { return left_.empty(); }
    void refuse() { ok_ = false; }

private:
    std::string_view left_;
    bool ok_ = true;
};

int64_t read_time_of_day(Scanner& scanner) {
    int64_t time = scanner.number(2, 0, 23) * kHour;
    scanner.need(':');
    time += scanner.number(2, 0, 59) * kMinute;
    if (!scanner.take(':')) return time;
    time += scanner.number(2, 0, 59) * kSecond;
    if (!scanner.take('.')) return time;
    if (!scanner.at_digit()) scanner.refuse();
    for (int64_t unit = 100; unit > 0 && scanner.at_digit(); unit /= 10)
        time += scanner.number(1, 0, 9) * unit;
    return time;
}

int64_t read_zone(Scanner& scanner) {
    if (scanner.empty() || scanner.take('Z')) return 0;
    const bool west = scanner.take('-');
    if (!west) scanner.need('+');
    const int64_t hours = scanner.number(2, 0, 14);
    scanner.need(':');
    const int64_t offset = hours * kHour + scanner.number(2, 0, 59) * kMinute;
    return west ? -offset : offset;
}

int64_t unit_of(std::string_view name) {
    if (name == "ms") return 1;
    if (name == "s") return kSecond;
    if (name == "m") return kMinute;
    if (name == "h") return kHour;
    if (name == "d") return kDay;
    if (name == "w") return 7 * kDay;
    if (name == "y") return 365 * kDay;
    return 0;
}

}  // namespace

bool is_within_calendar(Instant instant) {
    constexpr Instant kFirst = -62'135'596'800'000;  // 0001-01-01T00:00:00Z
    constexpr Instant kLast = 253'402'300'799'999;   // 9999-12-31T23:59:59.999Z
    return instant >= kFirst && instant <= kLast;
}

std::optional<Instant> parse_instant(std::string_view text) {
    Scanner scanner(text);
    const int y = scanner.number(4, 1, 9999);
    scanner.need('-');
    const int m = scanner.number(2, 1, 12);
    scanner.need('-');
    const int d = scanner.number(2, 1, 31);
    int64_t time = 0;
    if (!scanner.empty()) {
        if (!scanner.take('T')) scanner.need(' ');
        time = read_time_of_day(scanner);
        time -= read_zone(scanner);
    }
    const year_month_day date{year(y), month(static_cast<unsigned>(m)), day(static_cast<unsigned>(d))};
    if (!scanner.finished() || !date.ok()) return std::nullopt;
    const Instant instant = sys_days(date).time_since_epoch().count() * kDay + time;
    if (!is_within_calendar(instant)) return std::nullopt;
    return instant;
}

std::string to_iso(Instant instant, bool fraction) {
    const int64_t whole_days = (instant >= 0 ? instant : instant - kDay + 1) / kDay;
    const int64_t rest = instant - whole_days * kDay;
    const year_month_day date{sys_days(days(whole_days))};
    const std::string text =
        fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                    static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), rest / kHour,
                    rest % kHour / kMinute, rest % kMinute / kSecond);
    return text + (fraction ? fmt::format(".{:03}Z", rest % kSecond) : "Z");
}

std::optional<int64_t> parse_span(std::string_view text) {
    if (text.empty()) return std::nullopt;
    int64_t total = 0;
    while (!text.empty()) {
        int64_t count = 0;
        size_t digits = 0;
        for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
            count = count * 10 + (text[digits] - '0');
            if (count > kMostSpan) return std::nullopt;
        }
        const size_t end = std::min(text.find_first_of("0123456789", digits), text.size());
        const int64_t unit = unit_of(text.substr(digits, end - digits));
        if (digits == 0 || unit == 0 || count > kMostSpan / unit) return std::nullopt;
        total += count * unit;
        if (total > kMostSpan) return std::nullopt;
        text.remove_prefix(end);
    }
    return total;
}

}  // namespace godwit::seed
