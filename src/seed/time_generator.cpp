// Generators of times: one instant, or spread over a period.
#include <fmt/format.h>

#include "base/text.h"
#include "seed/generator_reader.h"
#include "seed/path.h"

namespace godwit::seed {
namespace {

using Kind = JsonValue::Kind;

// "now", "now-365d", "2025-01-01T00:00:00Z", "timestamp + 90d".
class Moment {
public:
    static Result<Moment> parse(const GeneratorReader& reader, const JsonValue& json);
    bool find(const Row& row, Stream stream, Instant& out) const;

private:
    bool base(const Row& row, Stream stream, Instant& out) const;

    enum class Base : uint8_t { kNow, kFixed, kPath };
    Base base_ = Base::kNow;
    Instant fixed_ = 0;
    Path path_;
    int64_t shift_ms_ = 0;
    SourceSpan where_;
};

Result<Moment> Moment::parse(const GeneratorReader& reader, const JsonValue& json) {
    const std::string text = TRY(reader.text_of(json, "$time"));
    Moment moment;
    moment.where_ = reader.place(json);
    std::string_view base = text;
    size_t sign = std::max(text.rfind(" + ") + 1, text.rfind(" - ") + 1);  // npos + 1 is 0.
    if (sign == 0 && text.starts_with("now") && text.size() > 3 && (text[3] == '+' || text[3] == '-'))
        sign = 3;
    if (sign > 0) {
        const auto span = parse_span(trim(std::string_view(text).substr(sign + 1)));
        if (!span) {
            return reader.refuse(json, fmt::format("{} holds no span of time", printable(text)),
                                 "Write such as 90d, 12h, 30m, 5s or 1d12h.");
        }
        moment.shift_ms_ = text[sign] == '-' ? -*span : *span;
        base = trim(base.substr(0, sign));
    }
    if (base == "now") return moment;
    const auto fixed = parse_instant(base);
    if (fixed) {
        moment.base_ = Base::kFixed;
        moment.fixed_ = *fixed;
        return moment;
    }
    if (base.empty() || (base.front() >= '0' && base.front() <= '9')) {
        return reader.refuse(
            json, fmt::format("{} is no time", printable(text)),
            "Write now, a time such as 2025-01-31T12:00:00Z, or a field's name; behind it \" + 90d\".");
    }
    moment.base_ = Base::kPath;
    moment.path_ = TRY(Path::parse(base, moment.where_));
    return moment;
}

bool Moment::base(const Row& row, Stream stream, Instant& out) const {
    if (base_ != Base::kPath) {
        out = base_ == Base::kNow ? row.making->now : fixed_;
        return true;
    }
    Value value;
    if (!path_.resolve(row, stream, value)) return false;
    const auto instant = parse_instant(value.text);
    if (value.kind != Value::Kind::kString || !instant) {
        return row.making->refuse(where_, fmt::format("{} is no time", printable(path_.text)),
                                  "Refer to a field that holds one as ISO 8601.");
    }
    out = *instant;
    return true;
}

bool Moment::find(const Row& row, Stream stream, Instant& out) const {
    if (!base(row, stream, out)) return false;
    out += shift_ms_;
    if (is_within_calendar(out)) return true;
    return row.making->refuse(where_, "the time lies outside of the years 1 to 9999", "Shorten the span.");
}

enum class Form : uint8_t { kIso, kIsoMs, kEpoch, kEpochMs };

class Time final : public Generator {
public:
    Time(Moment from, Moment to, bool even, Form form, SourceSpan where)
        : from_(std::move(from)), to_(std::move(to)), even_(even), form_(form), where_(std::move(where)) {}

    bool make(const Row& row, Stream stream, Value& out) const override {
        Instant from = 0;
        Instant to = 0;
        if (!from_.find(row, stream, from) || !to_.find(row, stream, to)) return false;
        if (from > to) {
            return row.making->refuse(where_,
                                      fmt::format("the period ends, at {}, before it begins, at {}",
                                                  to_iso(to, false), to_iso(from, false)),
                                      "Write the earlier time as \"from\".");
        }
        write(pick(row, stream, from, to), out);
        return true;
    }

private:
    // `even`: each row has a part of the period to itself.
    Instant pick(const Row& row, Stream stream, Instant from, Instant to) const {
        Random random(stream);
        const int64_t count = row.making->counts[row.block];
        if (!even_ || count <= 1) return static_cast<Instant>(random.between(from, to));
        const Wide length = to - from;
        const auto begin = from + static_cast<Instant>(length * row.index / count);
        const auto end = from + static_cast<Instant>(length * (row.index + 1) / count);
        return static_cast<Instant>(random.between(begin, std::max(begin, end - 1)));
    }

    void write(Instant instant, Value& out) const {
        const Instant seconds = (instant >= 0 ? instant : instant - 999) / 1'000;
        switch (form_) {
            case Form::kIso:
                out = Value::string(to_iso(instant, false));
                return;
            case Form::kIsoMs:
                out = Value::string(to_iso(instant, true));
                return;
            case Form::kEpoch:
                out = Value::number(std::to_string(seconds));
                return;
            case Form::kEpochMs:
                out = Value::number(std::to_string(instant));
                return;
        }
    }

    Moment from_;
    Moment to_;
    bool even_;
    Form form_;
    SourceSpan where_;
};

Result<Form> read_form(const GeneratorReader& reader, const JsonValue* json) {
    if (json == nullptr) return Form::kIso;
    const std::string text = TRY(reader.text_of(*json, "\"as\" of $time"));
    if (text == "iso") return Form::kIso;
    if (text == "iso_ms") return Form::kIsoMs;
    if (text == "epoch") return Form::kEpoch;
    if (text == "epoch_ms") return Form::kEpochMs;
    return reader.refuse(*json, "$time does not know the form " + printable(text),
                         "It takes iso, iso_ms, epoch or epoch_ms.");
}

Result<bool> read_spread(const GeneratorReader& reader, const JsonValue* json) {
    if (json == nullptr) return false;
    const std::string text = TRY(reader.text_of(*json, "\"spread\" of $time"));
    if (text == "even" || text == "random") return text == "even";
    return reader.refuse(*json, "$time does not know the spread " + printable(text),
                         "It takes even or random.");
}

}  // namespace

Result<GeneratorPtr> read_time(const GeneratorReader& reader, const JsonValue& body) {
    if (body.kind == Kind::kString) {
        Moment at = TRY(Moment::parse(reader, body));
        return std::make_unique<Time>(at, at, false, Form::kIso, reader.place(body));
    }
    CHECK(reader.check_members(body, "$time", {"at", "from", "to", "spread", "as"}));
    const Form form = TRY(read_form(reader, member_of(body, "as")));
    const bool even = TRY(read_spread(reader, member_of(body, "spread")));
    const JsonValue* at = member_of(body, "at");
    const JsonValue* from = at != nullptr ? at : member_of(body, "from");
    const JsonValue* to = at != nullptr ? at : member_of(body, "to");
    const bool both =
        at != nullptr && (member_of(body, "from") != nullptr || member_of(body, "to") != nullptr);
    if (from == nullptr || to == nullptr || both)
        return reader.refuse(body, "$time needs \"at\", or \"from\" and \"to\"");
    return std::make_unique<Time>(TRY(Moment::parse(reader, *from)), TRY(Moment::parse(reader, *to)), even,
                                  form, reader.place(body));
}

}  // namespace godwit::seed
