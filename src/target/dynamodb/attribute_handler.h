// Reads one item event by event and stops at the first thing that DynamoDB would
// refuse. Part of attribute.h.
#pragma once

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "target/dynamodb/attribute.h"

namespace godwit::dynamodb {

class AttributeHandler {
public:
    AttributeHandler(std::vector<KeyAttribute> keys, ItemRole role);

    std::optional<ItemFault> check(std::string_view json);
    size_t size_bytes() const { return size_bytes_; }

    // RapidJSON's events; false stops the reading.
    bool StartObject();
    bool Key(const char* text, rapidjson::SizeType length, bool);
    bool EndObject(rapidjson::SizeType);
    bool StartArray();
    bool EndArray(rapidjson::SizeType);
    bool String(const char* text, rapidjson::SizeType length, bool);
    bool Bool(bool value);
    bool Null();
    bool RawNumber(const char* text, rapidjson::SizeType length, bool);
    // Numbers come by RawNumber alone.
    bool Int(int) { return false; }
    bool Uint(unsigned) { return false; }
    bool Int64(int64_t) { return false; }
    bool Uint64(uint64_t) { return false; }
    bool Double(double) { return false; }

private:
    enum class Type : uint8_t { kNone, kS, kN, kB, kBool, kNull, kM, kL, kSS, kNS, kBS };
    struct Frame {
        enum class Kind : uint8_t { kMap, kValue, kList, kSet } kind;
        Type type = Type::kNone;  // kValue, kSet
        size_t marks_from = 0;    // kMap, kSet: its part of marks_.
        size_t at = 0;            // Where it starts.
    };

    bool refuse(std::string message);
    bool refuse_at(size_t at, std::string message);
    bool misplaced(std::string_view given);
    bool push(Frame::Kind kind, Type type = Type::kNone);
    bool take_name(std::string_view name);
    bool take_type(std::string_view name);
    bool check_key_type(Type type);
    bool take_scalar(Type type, std::string_view text, bool in_set);
    bool take_key_value(std::string_view text, size_t size);
    bool check_twice(const Frame& frame, std::string_view what);
    std::optional<ItemFault> check_whole();
    const KeyAttribute* current_key() const;
    static Type type_named(std::string_view name);
    static std::string_view name_of(Type type);

    const std::vector<KeyAttribute> keys_;
    const ItemRole role_;
    rapidjson::Reader reader_;
    const rapidjson::MemoryStream* stream_ = nullptr;
    std::string_view json_;
    std::vector<Frame> frames_;
    std::vector<size_t> marks_;     // Hashes of the names, or elements, of open frames.
    std::vector<bool> keys_seen_;
    std::string attribute_;         // Outermost one that is being read.
    size_t key_index_ = 0;          // Of attribute_ in keys_; keys_.size(): none.
    size_t values_open_ = 0;
    size_t size_bytes_ = 0;
    std::optional<ItemFault> fault_;
};

}  // namespace godwit::dynamodb
