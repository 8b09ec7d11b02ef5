#include "app/json.h"

#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

namespace godwit {

struct Json::Writer {
    explicit Writer(bool is_pretty) : out(buffer), pretty(is_pretty) { out.SetIndent(' ', pretty ? 2 : 0); }
    rapidjson::StringBuffer buffer;
    rapidjson::PrettyWriter<rapidjson::StringBuffer> out;
    bool pretty;
};

Json::Json(bool pretty) : writer_(std::make_unique<Writer>(pretty)) {}
Json::~Json() = default;

Json& Json::object(const std::function<void()>& fill) {
    writer_->out.StartObject();
    fill();
    writer_->out.EndObject();
    return *this;
}

Json& Json::array(const std::function<void()>& fill) {
    writer_->out.StartArray();
    fill();
    writer_->out.EndArray();
    return *this;
}

Json& Json::key(std::string_view name) {
    writer_->out.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()), true);
    return *this;
}

Json& Json::text(std::string_view value) {
    writer_->out.String(value.data(), static_cast<rapidjson::SizeType>(value.size()), true);
    return *this;
}

Json& Json::number(int64_t value) {
    writer_->out.Int64(value);
    return *this;
}

Json& Json::boolean(bool value) {
    writer_->out.Bool(value);
    return *this;
}

Json& Json::raw(std::string_view json) {
    writer_->out.RawValue(json.data(), json.size(), rapidjson::kObjectType);
    return *this;
}

std::string Json::finish() const {
    std::string text(writer_->buffer.GetString(), writer_->buffer.GetSize());
    // Within a text a line end is escaped, so those here are the writer's own.
    if (!writer_->pretty) std::erase(text, '\n');
    return text;
}

}  // namespace godwit
