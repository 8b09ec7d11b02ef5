// tag: {"TableName": …, "Tags": [{"Key": …, "Value": …}], "TagKeys": […]}: TagResource
// and UntagResource in one, with the table's name in place of its ARN.
#include <fmt/format.h>

#include <map>

#include "base/text.h"
#include "target/dynamodb/operations/operations.h"
#include "target/dynamodb/table.h"

namespace godwit::dynamodb {
namespace {

using Tags = std::map<std::string, std::string>;

Tags read_tags(std::string_view list) {
    Tags tags;
    for (const std::string_view element : elements_of(list)) {
        const Members members = members_of(element);
        tags[text_of(members, "Key")] = text_of(members, "Value");
    }
    return tags;
}

std::string tag_list(const Tags& tags) {
    std::vector<std::string> parts;
    for (const auto& [key, value] : tags)
        parts.push_back(fmt::format(R"({{"Key":{},"Value":{}}})", json_quote(key), json_quote(value)));
    return join(parts, ",");
}

std::string quoted_list(const std::vector<std::string>& texts) {
    std::vector<std::string> parts;
    for (const std::string& text : texts) parts.push_back(json_quote(text));
    return join(parts, ",");
}

class Tag final : public Operation {
public:
    explicit Tag(RequestPtr request) : request_(std::move(request)), wanted_(read_tags(request_->raw("Tags"))) {
        for (const std::string_view key : elements_of(request_->raw("TagKeys")))
            unwanted_.push_back(net::JsonPart{"", key}.text().value_or(""));
    }

    bool destructive() const override { return false; }
    Result<void> apply(Service& service, const ItemSource& items) override;
    Result<Effect> effect(Service& service) override;
    Result<std::string> inverse(Service& service, const ItemSource& items) override;

private:
    // What is still to be set, and to be taken away.
    struct Change {
        std::string arn;
        Tags now, set;
        std::vector<std::string> remove;
    };
    Result<Change> look(TableWork& work) const;

    RequestPtr request_;
    Tags wanted_;
    std::vector<std::string> unwanted_;
};

Result<Tag::Change> Tag::look(TableWork& work) const {
    Change change;
    change.arn = TRY(work.wait_until_usable()).arn;
    std::string next;
    do {
        const std::string from = next.empty() ? "" : fmt::format(R"(,"NextToken":{})", json_quote(next));
        const std::string reply = TRY(work.call(
            "ListTagsOfResource", fmt::format(R"({{"ResourceArn":{}{}}})", json_quote(change.arn), from)));
        const Members members = members_of(reply);
        change.now.merge(read_tags(net::json_raw(members, "Tags")));
        next = text_of(members, "NextToken");
    } while (!next.empty());
    for (const auto& [key, value] : wanted_) {
        const auto there = change.now.find(key);
        if (there == change.now.end() || there->second != value) change.set[key] = value;
    }
    for (const std::string& key : unwanted_) {
        if (change.now.contains(key)) change.remove.push_back(key);
    }
    return change;
}

Result<void> Tag::apply(Service& service, const ItemSource&) {
    TableWork work(service, *request_);
    const Change change = TRY(look(work));
    if (!change.set.empty()) {
        TRY(work.call("TagResource", fmt::format(R"({{"ResourceArn":{},"Tags":[{}]}})", json_quote(change.arn),
                                                 tag_list(change.set))));
    }
    if (!change.remove.empty()) {
        TRY(work.call("UntagResource", fmt::format(R"({{"ResourceArn":{},"TagKeys":[{}]}})", json_quote(change.arn),
                                                   quoted_list(change.remove))));
    }
    return {};
}

Result<Effect> Tag::effect(Service& service) {
    TableWork work(service, *request_);
    const Change change = TRY(look(work));
    return change.set.empty() && change.remove.empty() ? Effect::kPresent : Effect::kAbsent;
}

Result<std::string> Tag::inverse(Service& service, const ItemSource&) {
    TableWork work(service, *request_);
    const Change change = TRY(look(work));
    Tags old;
    std::vector<std::string> fresh;
    for (const auto& [key, value] : change.set) {
        const auto there = change.now.find(key);
        if (there == change.now.end())
            fresh.push_back(key);
        else
            old[key] = there->second;
    }
    for (const std::string& key : change.remove) old[key] = change.now.at(key);
    if (old.empty() && fresh.empty()) return nothing_operation();
    return fmt::format(R"({{"type":"tag","TableName":{},"Tags":[{}],"TagKeys":[{}]}})",
                       json_quote(work.table().logical), tag_list(old), quoted_list(fresh));
}

}  // namespace

Made make_tag(RequestPtr request) {
    const Tags tags = read_tags(request->raw("Tags"));
    for (const std::string_view raw : elements_of(request->raw("TagKeys"))) {
        const std::string key = net::JsonPart{"", raw}.text().value_or("");
        if (!tags.contains(key)) continue;
        return fail(make_error(ErrorCode::kInvalidInput,
                               fmt::format("the tag \"{}\" stands in both Tags and TagKeys", printable(key)))
                        .at(request->place().of(raw))
                        .with_remedy("Tags are set, TagKeys taken away: leave it in one of them."));
    }
    if (!request->raw("Tags").empty() || !request->raw("TagKeys").empty())
        return std::make_unique<Tag>(std::move(request));
    return fail(make_error(ErrorCode::kInvalidInput, "tag has neither Tags nor TagKeys")
                    .at(request->where())
                    .with_remedy("Give \"Tags\": [{\"Key\": …, \"Value\": …}] to set, or \"TagKeys\": [\"…\"] to "
                                 "take away."));
}

}  // namespace godwit::dynamodb
