#include "target/dynamodb/attribute_handler.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>

#include "base/text.h"
#include "target/dynamodb/json_walk.h"
#include "target/dynamodb/number.h"

namespace godwit::dynamodb {
namespace {

// Source: "Quotas" in the developer guide.
constexpr size_t kDeepest = 32;
constexpr size_t kLongestName = 65'535;
constexpr size_t kContainerBytes = 3;  // A list or map; and one byte for each element or pair.

constexpr std::array<std::string_view, 11> kTypeNames{"",  "S", "N",  "B",  "BOOL", "NULL",
                                                      "M", "L", "SS", "NS", "BS"};

// Bytes that Base64 text stands for; nothing when it is none.
std::optional<size_t> base64_size(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    size_t end = text.size();
    while (end > 0 && text.size() - end < 2 && text[end - 1] == '=') end--;
    const bool good = std::all_of(text.begin(), text.begin() + static_cast<long>(end), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
    });
    if (!good) return std::nullopt;
    return text.size() / 4 * 3 - (text.size() - end);
}

}  // namespace

AttributeHandler::AttributeHandler(std::vector<KeyAttribute> keys, ItemRole role)
    : keys_(std::move(keys)), role_(role) {
    frames_.reserve(2 * kDeepest);
}

AttributeHandler::Type AttributeHandler::type_named(std::string_view name) {
    for (size_t i = 1; i < kTypeNames.size(); i++) {
        if (kTypeNames[i] == name) return static_cast<Type>(i);
    }
    return Type::kNone;
}

std::string_view AttributeHandler::name_of(Type type) { return kTypeNames[static_cast<size_t>(type)]; }

std::optional<ItemFault> AttributeHandler::check(std::string_view json) {
    constexpr unsigned kFlags = rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseValidateEncodingFlag;
    json_ = json;
    frames_.clear();
    marks_.clear();
    keys_seen_.assign(keys_.size(), false);
    attribute_.clear();
    key_index_ = keys_.size();
    values_open_ = size_bytes_ = 0;
    fault_.reset();
    rapidjson::MemoryStream stream(json.data(), json.size());
    stream_ = &stream;
    if (reader_.Parse<kFlags>(stream, *this).IsError()) {
        if (!fault_) fault_ = ItemFault{"it is not JSON", reader_.GetErrorOffset()};
        return fault_;
    }
    return check_whole();
}

std::optional<ItemFault> AttributeHandler::check_whole() {
    for (size_t i = 0; i < keys_.size(); i++) {
        if (!keys_[i].of_table || keys_seen_[i]) continue;
        return ItemFault{fmt::format("the key attribute \"{}\" is missing", printable(keys_[i].name)), 0};
    }
    if (role_ != ItemRole::kItem || size_bytes_ <= kLargestItem) return std::nullopt;
    return ItemFault{fmt::format("the item has {} bytes as DynamoDB counts them, and {} (400 KB) is the most",
                                 size_bytes_, kLargestItem),
                     0};
}

bool AttributeHandler::refuse_at(size_t at, std::string message) {
    if (!attribute_.empty()) message = fmt::format("attribute \"{}\": {}", printable(attribute_), message);
    fault_ = ItemFault{std::move(message), at};
    return false;
}

bool AttributeHandler::refuse(std::string message) {
    const std::string_view token = token_ending_at(json_, stream_->Tell());
    return refuse_at(static_cast<size_t>(token.data() - json_.data()), std::move(message));
}

bool AttributeHandler::misplaced(std::string_view given) {
    const Frame* frame = frames_.empty() ? nullptr : &frames_.back();
    if (frame == nullptr || frame->kind == Frame::Kind::kMap || frame->kind == Frame::Kind::kList) {
        return refuse(fmt::format("{} stands where an attribute value must, such as {{\"S\": \"text\"}} or "
                                  "{{\"N\": \"5\"}}",
                                  given));
    }
    return refuse(fmt::format("{} cannot be the value of type {}", given, name_of(frame->type)));
}

bool AttributeHandler::push(Frame::Kind kind, Type type) {
    frames_.push_back({kind, type, marks_.size(), stream_->Tell() - 1});
    if (kind != Frame::Kind::kValue) return true;
    if (++values_open_ <= kDeepest) return true;
    return refuse(fmt::format("it is nested deeper than the {} levels that DynamoDB takes", kDeepest));
}

bool AttributeHandler::StartObject() {
    if (frames_.empty()) return push(role_ == ItemRole::kValue ? Frame::Kind::kValue : Frame::Kind::kMap);
    Frame& top = frames_.back();
    if (top.kind == Frame::Kind::kMap) return push(Frame::Kind::kValue);
    if (top.kind == Frame::Kind::kList) {
        size_bytes_++;
        return push(Frame::Kind::kValue);
    }
    if (top.kind != Frame::Kind::kValue || top.type != Type::kM) return misplaced("an object");
    size_bytes_ += kContainerBytes;
    return push(Frame::Kind::kMap);
}

bool AttributeHandler::Key(const char* text, rapidjson::SizeType length, bool) {
    const std::string_view name(text, length);
    return frames_.back().kind == Frame::Kind::kMap ? take_name(name) : take_type(name);
}

bool AttributeHandler::take_name(std::string_view name) {
    const bool outermost = frames_.size() == 1;
    if (outermost) {
        attribute_ = name;
        const auto key = std::find_if(keys_.begin(), keys_.end(), [&](const KeyAttribute& k) { return k.name == name; });
        key_index_ = static_cast<size_t>(key - keys_.begin());
        if (key != keys_.end()) keys_seen_[key_index_] = true;
        if (role_ == ItemRole::kKey && (key == keys_.end() || !key->of_table))
            return refuse("it is not part of the table's key");
    }
    if (name.empty()) return refuse("an attribute's name is empty");
    if (name.size() > kLongestName)
        return refuse(fmt::format("an attribute's name has {} bytes, and {} is the most", name.size(), kLongestName));
    marks_.push_back(std::hash<std::string_view>()(name));
    size_bytes_ += name.size() + (outermost ? 0 : 1);
    return true;
}

bool AttributeHandler::take_type(std::string_view name) {
    Frame& frame = frames_.back();
    if (frame.type != Type::kNone)
        return refuse(fmt::format("a value has one type, and this one has {} and \"{}\"", name_of(frame.type), printable(name)));
    frame.type = type_named(name);
    if (frame.type == Type::kNone) {
        return refuse(fmt::format("\"{}\" is no type of attribute value; known are S, N, B, BOOL, NULL, M, L, SS, NS, BS",
                                  printable(name)));
    }
    return check_key_type(frame.type);
}

const KeyAttribute* AttributeHandler::current_key() const {
    return values_open_ == 1 && key_index_ < keys_.size() ? &keys_[key_index_] : nullptr;
}

bool AttributeHandler::check_key_type(Type type) {
    const KeyAttribute* key = current_key();
    if (key == nullptr || name_of(type) == std::string_view(&key->type, 1)) return true;
    return refuse(fmt::format("it is of type {}, and the key of the {} is of type {}", name_of(type),
                              key->of_table ? "table" : "index", key->type));
}

bool AttributeHandler::String(const char* text, rapidjson::SizeType length, bool) {
    const std::string_view value(text, length);
    if (frames_.empty()) return misplaced("a string");
    Frame& frame = frames_.back();
    if (frame.kind == Frame::Kind::kSet) return take_scalar(frame.type, value, true);
    if (frame.kind != Frame::Kind::kValue) return misplaced("a string");
    if (frame.type != Type::kS && frame.type != Type::kN && frame.type != Type::kB) return misplaced("a string");
    return take_scalar(frame.type, value, false);
}

bool AttributeHandler::take_scalar(Type type, std::string_view text, bool in_set) {
    size_t size = text.size(), mark = 0;
    if (type == Type::kN || type == Type::kNS) {
        const auto number = read_number(text);
        if (!number) return refuse(fmt::format("\"{}\" is no number", printable(text.substr(0, 60))));
        if (const std::string why = why_unfit(*number); !why.empty())
            return refuse(fmt::format("the number {} cannot be stored: {}", printable(text.substr(0, 60)), why));
        size = number->size_bytes();
        if (in_set) mark = std::hash<std::string>()(number->canonical());
    } else if (type == Type::kB || type == Type::kBS) {
        const auto bytes = base64_size(text);
        if (!bytes) return refuse("binary is written in Base64 with padding, and this is none");
        size = *bytes;
        if (in_set) mark = std::hash<std::string>()(from_base64(text));
    } else if (in_set) {
        mark = std::hash<std::string_view>()(text);
    }
    if (in_set) marks_.push_back(mark);
    size_bytes_ += size;
    return in_set || take_key_value(text, size);
}

bool AttributeHandler::take_key_value(std::string_view text, size_t size) {
    const KeyAttribute* key = current_key();
    if (key == nullptr || key->type == 'N') return true;
    const std::string_view whose = key->of_table ? "table" : "index";
    if (text.empty()) return refuse(fmt::format("it is empty, and the key of the {} must not be", whose));
    if (key->longest_bytes == 0 || size <= key->longest_bytes) return true;
    return refuse(fmt::format("it has {} bytes, and this key of the {} has {} at most", size, whose, key->longest_bytes));
}

bool AttributeHandler::Bool(bool value) {
    if (frames_.empty() || frames_.back().kind != Frame::Kind::kValue) return misplaced("a boolean");
    Frame& frame = frames_.back();
    if (frame.type != Type::kBool && frame.type != Type::kNull) return misplaced("a boolean");
    if (frame.type == Type::kNull && !value) return refuse("NULL is true and nothing else");
    size_bytes_++;
    return true;
}

bool AttributeHandler::Null() { return misplaced("null"); }

bool AttributeHandler::RawNumber(const char* text, rapidjson::SizeType length, bool) {
    return misplaced(fmt::format("the bare number {}", std::string_view(text, std::min<size_t>(length, 60))));
}

bool AttributeHandler::StartArray() {
    if (frames_.empty() || frames_.back().kind != Frame::Kind::kValue) return misplaced("an array");
    Frame& frame = frames_.back();
    const Type type = frame.type;
    const bool is_set = type == Type::kSS || type == Type::kNS || type == Type::kBS;
    if (!is_set && type != Type::kL) return misplaced("an array");
    if (!is_set) size_bytes_ += kContainerBytes;
    return push(is_set ? Frame::Kind::kSet : Frame::Kind::kList, type);
}

bool AttributeHandler::check_twice(const Frame& frame, std::string_view what) {
    const auto from = marks_.begin() + static_cast<long>(frame.marks_from);
    if (marks_.end() - from > 1) {
        std::sort(from, marks_.end());
        if (std::adjacent_find(from, marks_.end()) != marks_.end()) return refuse_at(frame.at, std::string(what));
    }
    marks_.resize(frame.marks_from);
    return true;
}

bool AttributeHandler::EndArray(rapidjson::SizeType) {
    const Frame frame = frames_.back();
    frames_.pop_back();
    if (frame.kind != Frame::Kind::kSet) return true;
    if (marks_.size() == frame.marks_from)
        return refuse_at(frame.at, fmt::format("a set must not be empty, and this {} is", name_of(frame.type)));
    return check_twice(frame, fmt::format("the {} has an element twice", name_of(frame.type)));
}

bool AttributeHandler::EndObject(rapidjson::SizeType) {
    const Frame frame = frames_.back();
    frames_.pop_back();
    if (frame.kind == Frame::Kind::kMap) {
        if (frames_.empty()) attribute_.clear();
        return check_twice(frame, "a name is given twice in one map");
    }
    values_open_--;
    if (frame.type == Type::kNone) return refuse_at(frame.at, "a value without a type, such as {\"S\": \"text\"}");
    return true;
}

}  // namespace godwit::dynamodb
