// Generators of single values: as they stand, numbers, bytes, texts, references.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "seed/decimal.h"
#include "seed/generator_reader.h"
#include "seed/path.h"

namespace godwit::seed {
namespace {

using Kind = JsonValue::Kind;

constexpr int64_t kMostBytes = 16 << 20;

class Literal final : public Generator {
public:
    explicit Literal(Value value) : value_(std::move(value)) {}
    bool make(const Row&, Stream, Value& out) const override {
        out = value_;
        return true;
    }

private:
    Value value_;
};

class Get final : public Generator {
public:
    explicit Get(Path path) : path_(std::move(path)) {}
    bool make(const Row& row, Stream stream, Value& out) const override {
        return path_.resolve(row, stream, out);
    }

private:
    Path path_;
};

class Text final : public Generator {
public:
    explicit Text(Template text) : text_(std::move(text)) {}
    bool make(const Row& row, Stream stream, Value& out) const override {
        out = Value::string("");
        return text_.fill(row, stream, out.text);
    }

private:
    Template text_;
};

// A field of some row of another block of the same scenario.
class Reference final : public Generator {
public:
    Reference(std::string block, Path field, std::string together)
        : block_(std::move(block)), field_(std::move(field)), together_(std::move(together)) {}
    bool make(const Row& row, Stream stream, Value& out) const override {
        Making& making = *row.making;
        const auto& blocks = *making.blocks;
        const auto found = std::find_if(blocks.begin(), blocks.end(),
                                        [&](const Block& each) { return each.name == block_; });
        if (found == blocks.end()) {
            std::vector<std::string> names;
            for (const Block& each : blocks) names.push_back(each.name);
            const auto close = nearest(block_, names);
            return making.refuse(
                field_.where, "there are no rows called " + printable(block_),
                close ? "Did you mean " + *close + "?" : "There are " + join(names, ", ") + ".");
        }
        const auto at = static_cast<size_t>(found - blocks.begin());
        if (making.totals[at] == 0)
            return making.refuse(field_.where, printable(block_) + " has no rows to refer to",
                                 "Make one at least.");
        const Stream draw = together_.empty() ? stream : derive(row.stream, "$ref " + together_);
        const auto number = Random(draw).below(static_cast<uint64_t>(making.totals[at]));
        const RowChain chain(making, at, static_cast<int64_t>(number));
        return field_.resolve(chain.row(), derive(stream, 0), out);
    }

private:
    std::string block_;
    Path field_;
    std::string together_;  // References of a row with the same word lead to one row.
};

class Number final : public Generator {
public:
    Number(Decimal least, Decimal most) : least_(least), most_(most) {}
    bool make(const Row&, Stream stream, Value& out) const override {
        out = Value::number(to_text({Random(stream).between(least_.digits, most_.digits), least_.places}));
        return true;
    }

private:
    Decimal least_;
    Decimal most_;
};

class Sequence final : public Generator {
public:
    Sequence(int64_t from, int64_t step) : from_(from), step_(step) {}
    bool make(const Row& row, Stream, Value& out) const override {
        out = Value::number(to_text({Wide{from_} + Wide{step_} * row.number, 0}));
        return true;
    }

private:
    int64_t from_;
    int64_t step_;
};

std::string random_bytes(Random& random, size_t size) {
    std::string bytes(size, '\0');
    for (size_t i = 0; i < size;) {
        uint64_t drawn = random.next();
        for (int k = 0; k < 8 && i < size; ++k, ++i, drawn >>= 8) bytes[i] = static_cast<char>(drawn & 0xFF);
    }
    return bytes;
}

// RFC 9562, version 4, but from the row's own stream.
class Uuid final : public Generator {
public:
    bool make(const Row&, Stream stream, Value& out) const override {
        Random random(stream);
        std::string bytes = random_bytes(random, 16);
        bytes[6] = static_cast<char>((bytes[6] & 0x0F) | 0x40);
        bytes[8] = static_cast<char>((bytes[8] & 0x3F) | 0x80);
        std::string text = to_hex(bytes);
        for (const size_t at : {8U, 13U, 18U, 23U}) text.insert(at, 1, '-');
        out = Value::string(std::move(text));
        return true;
    }
};

class Bytes final : public Generator {
public:
    explicit Bytes(GeneratorReader::Limits size) : size_(size) {}
    bool make(const Row&, Stream stream, Value& out) const override {
        Random random(stream);
        const auto size = static_cast<size_t>(random.between(size_.least, size_.most));
        out = Value::binary(random_bytes(random, size));
        return true;
    }

private:
    GeneratorReader::Limits size_;
};

class Repeat final : public Generator {
public:
    Repeat(Template text, int64_t times, SourceSpan where)
        : text_(std::move(text)), times_(times), where_(std::move(where)) {}
    bool make(const Row& row, Stream stream, Value& out) const override {
        std::string once;
        if (!text_.fill(row, stream, once)) return false;
        if (static_cast<int64_t>(once.size()) > kMostBytes / std::max<int64_t>(times_, 1)) {
            return row.making->refuse(where_, "$repeat makes more than 16 MB", "Lower \"times\".");
        }
        out = Value::string("");
        for (int64_t i = 0; i < times_; ++i) out.text += once;
        return true;
    }

private:
    Template text_;
    int64_t times_;
    SourceSpan where_;
};

Value literal_value(const JsonValue& json) {
    Value value;
    switch (json.kind) {
        case Kind::kNull:
            break;
        case Kind::kBool:
            value.kind = Value::Kind::kBool;
            break;
        case Kind::kNumber:
            value.kind = Value::Kind::kNumber;
            break;
        case Kind::kString:
            value.kind = Value::Kind::kString;
            break;
        case Kind::kArray:
            value.kind = Value::Kind::kList;
            break;
        case Kind::kObject:
            value.kind = Value::Kind::kMap;
            break;
    }
    if (json.kind != Kind::kNull) value.text = json.text;
    for (const JsonValue& item : json.items) value.items.push_back(literal_value(item));
    for (const format::JsonMember& member : json.members)
        value.members.push_back({member.key, literal_value(member.value)});
    return value;
}

// [least, most], as exact as they are written.
Result<GeneratorPtr> read_range(const GeneratorReader& reader, const JsonValue& body, const char* what,
                                int most_places) {
    CHECK(reader.expect(body, Kind::kArray, what));
    if (body.items.size() != 2)
        return reader.refuse(body, fmt::format("{} takes two numbers: [least, most]", what));
    Decimal limits[2];
    for (size_t i = 0; i < 2; ++i) {
        CHECK(reader.expect(body.items[i], Kind::kNumber, what));
        const auto number = parse_decimal(body.items[i].text);
        if (!number || number->places > most_places) {
            return reader.refuse(
                body.items[i], fmt::format("{} does not take {}", what, printable(body.items[i].text)),
                most_places == 0 ? "It takes whole numbers of up to 38 digits; $decimal takes others."
                                 : "It takes numbers of up to 38 digits, without an exponent.");
        }
        limits[i] = *number;
    }
    const int places = std::max(limits[0].places, limits[1].places);
    const auto least = with_places(limits[0], places);
    const auto most = with_places(limits[1], places);
    if (!least || !most)
        return reader.refuse(body,
                             fmt::format("{}: the two numbers have more than 38 digits together", what));
    if (least->digits > most->digits) {
        return reader.refuse(
            body, fmt::format("{}: {} is more than {}", what, body.items[0].text, body.items[1].text),
            "Write the smaller number first.");
    }
    return std::make_unique<Number>(*least, *most);
}

}  // namespace

Result<GeneratorPtr> read_literal(const GeneratorReader&, const JsonValue& body) {
    return std::make_unique<Literal>(literal_value(body));
}

Result<GeneratorPtr> read_get(const GeneratorReader& reader, const JsonValue& body) {
    return std::make_unique<Get>(TRY(Path::parse(TRY(reader.text_of(body, "$get")), reader.place(body))));
}

Result<GeneratorPtr> read_text(const GeneratorReader& reader, const JsonValue& body) {
    return std::make_unique<Text>(
        TRY(Template::parse(TRY(reader.text_of(body, "$text")), reader.place(body))));
}

Result<GeneratorPtr> read_ref(const GeneratorReader& reader, const JsonValue& body) {
    std::string together;
    const JsonValue* to = &body;
    if (body.kind == Kind::kObject) {
        CHECK(reader.check_members(body, "$ref", {"to", "row"}));
        to = member_of(body, "to");
        if (to == nullptr) return reader.refuse(body, "$ref needs \"to\"");
        if (const JsonValue* row = member_of(body, "row"))
            together = TRY(reader.text_of(*row, "\"row\" of $ref"));
    }
    const std::string text = TRY(reader.text_of(*to, "$ref"));
    const size_t dot = text.find('.');
    if (dot == std::string::npos || dot == 0 || dot + 1 == text.size()) {
        return reader.refuse(*to, fmt::format("$ref does not understand {}", printable(text)),
                             "Write ROWS.FIELD, such as users.id.");
    }
    return std::make_unique<Reference>(text.substr(0, dot),
                                       TRY(Path::parse(text.substr(dot + 1), reader.place(*to))), together);
}

Result<GeneratorPtr> read_integer(const GeneratorReader& reader, const JsonValue& body) {
    return read_range(reader, body, "$integer", 0);
}
Result<GeneratorPtr> read_decimal(const GeneratorReader& reader, const JsonValue& body) {
    return read_range(reader, body, "$decimal", 38);
}

Result<GeneratorPtr> read_sequence(const GeneratorReader& reader, const JsonValue& body) {
    CHECK(reader.check_members(body, "$sequence", {"from", "step"}));
    const JsonValue* from = member_of(body, "from");
    const JsonValue* step = member_of(body, "step");
    const int64_t first =
        from == nullptr ? 1 : TRY(reader.whole_number(*from, "\"from\" of $sequence", INT64_MIN, INT64_MAX));
    const int64_t width =
        step == nullptr ? 1 : TRY(reader.whole_number(*step, "\"step\" of $sequence", INT64_MIN, INT64_MAX));
    return std::make_unique<Sequence>(first, width);
}

Result<GeneratorPtr> read_uuid(const GeneratorReader& reader, const JsonValue& body) {
    if (body.kind != Kind::kBool || body.text != "true") return reader.refuse(body, "$uuid takes true");
    return std::make_unique<Uuid>();
}

Result<GeneratorPtr> read_bytes(const GeneratorReader& reader, const JsonValue& body) {
    return std::make_unique<Bytes>(TRY(reader.limits(body, "$bytes", 0, kMostBytes)));
}

Result<GeneratorPtr> read_binary(const GeneratorReader& reader, const JsonValue& body) {
    const std::string text = TRY(reader.text_of(body, "$binary"));
    std::string bytes = from_base64(text);
    if (to_base64(bytes) != text)
        return reader.refuse(body, "$binary takes Base64 with its padding", "See RFC 4648.");
    return std::make_unique<Literal>(Value::binary(std::move(bytes)));
}

Result<GeneratorPtr> read_repeat(const GeneratorReader& reader, const JsonValue& body) {
    CHECK(reader.check_members(body, "$repeat", {"text", "times"}));
    const JsonValue* text = member_of(body, "text");
    const JsonValue* times = member_of(body, "times");
    if (text == nullptr || times == nullptr)
        return reader.refuse(body, "$repeat needs \"text\" and \"times\"");
    const int64_t count = TRY(reader.whole_number(*times, "\"times\" of $repeat", 0, kMostBytes));
    Template pattern =
        TRY(Template::parse(TRY(reader.text_of(*text, "\"text\" of $repeat")), reader.place(*text)));
    return std::make_unique<Repeat>(std::move(pattern), count, reader.place(body));
}

}  // namespace godwit::seed
