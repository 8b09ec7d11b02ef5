#include "net/time_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <random>
#include <thread>

namespace godwit::net {
namespace {

// A stop requested meanwhile must not wait for the end of a long pause.
constexpr int64_t kLongestSleepMs = 50;

class SystemTime final : public TimeSource {
public:
    int64_t wall_ms() const override { return since_epoch<std::chrono::system_clock>(); }
    int64_t steady_ms() const override { return since_epoch<std::chrono::steady_clock>(); }
    void idle(int64_t ms) override {
        std::this_thread::sleep_for(std::chrono::milliseconds(std::clamp<int64_t>(ms, 0, kLongestSleepMs)));
    }

private:
    template <typename Clock>
    static int64_t since_epoch() {
        return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now().time_since_epoch()).count();
    }
};

class SystemRandom final : public RandomSource {
public:
    double fraction() override {
        thread_local std::mt19937_64 engine{std::random_device{}()};
        // 53 bits, because rounding to a double must not reach 1.
        return static_cast<double>(engine() >> 11) * 0x1p-53;
    }
};

// Digits only, exactly `width` of them, removed from the front of `text`.
std::optional<int> take_digits(std::string_view& text, size_t width) {
    if (text.size() < width) return std::nullopt;
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + width, value);
    if (error != std::errc() || end != text.data() + width || text[0] == '-') return std::nullopt;
    text.remove_prefix(width);
    return value;
}

bool take(std::string_view& text, char expected) {
    if (text.empty() || text[0] != expected) return false;
    text.remove_prefix(1);
    return true;
}

// "Z", "+02:00", "-0530", or nothing (UTC): milliseconds east of Greenwich.
std::optional<int64_t> take_offset_ms(std::string_view text) {
    if (text.empty() || text == "Z" || text == "z") return 0;
    const bool west = text[0] == '-';
    if (!west && text[0] != '+') return std::nullopt;
    text.remove_prefix(1);
    const auto hours = take_digits(text, 2);
    take(text, ':');
    const auto minutes = take_digits(text, 2);
    if (!hours || !minutes || !text.empty()) return std::nullopt;
    const int64_t ms = (*hours * 60 + *minutes) * int64_t{60'000};
    return west ? -ms : ms;
}

}  // namespace

TimeSource& system_time() {
    static SystemTime time;
    return time;
}

RandomSource& system_random() {
    static SystemRandom random;
    return random;
}

std::optional<int64_t> parse_iso_time_ms(std::string_view text) {
    const auto year = take_digits(text, 4);
    const bool dash = take(text, '-');
    const auto month = take_digits(text, 2);
    if (dash && !take(text, '-')) return std::nullopt;
    const auto day = take_digits(text, 2);
    if (!take(text, 'T') && !take(text, ' ')) return std::nullopt;
    const auto hour = take_digits(text, 2);
    const bool colon = take(text, ':');
    const auto minute = take_digits(text, 2);
    if (colon && !take(text, ':')) return std::nullopt;
    const auto second = take_digits(text, 2);
    if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(*year),
                                           std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    if (take(text, '.')) text.remove_prefix(std::min(text.find_first_not_of("0123456789"), text.size()));
    const auto offset_ms = take_offset_ms(text);
    if (!offset_ms) return std::nullopt;
    const int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
    return ((days * 24 + *hour) * 60 + *minute) * int64_t{60'000} + *second * int64_t{1000} - *offset_ms;
}

std::string basic_iso_time(int64_t wall_ms) {
    const std::chrono::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds(wall_ms)};
    const auto midnight = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{midnight};
    const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::seconds>(time - midnight)};
    return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

}  // namespace godwit::net
