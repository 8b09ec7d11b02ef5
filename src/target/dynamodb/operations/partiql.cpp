// partiql: {"Statement": …, "Parameters": […]}, or any number of those in
// "Statements": statements that change one item each, exactly once.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"
#include "target/dynamodb/names.h"
#include "target/dynamodb/operations/operations.h"
#include "target/dynamodb/partiql_text.h"
#include "target/dynamodb/shapes.h"
#include "target/dynamodb/transaction.h"

namespace godwit::dynamodb {
namespace {

constexpr std::array<std::string_view, 4> kVerbs{"INSERT", "UPDATE", "DELETE", "EXISTS"};

std::string statement_in(std::string_view element) { return text_of(members_of(element), "Statement"); }

std::string as_written(std::string_view name) { return std::string(name); }

// The one statement of a request without Statements, as an element.
class SingleReader final : public ItemReader {
public:
    explicit SingleReader(const Request& request) {
        text_ = fmt::format(R"({{"Statement":{})", request.raw("Statement"));
        if (const auto parameters = request.raw("Parameters"); !parameters.empty())
            text_ += fmt::format(R"(,"Parameters":{})", parameters);
        text_ += "}";
    }
    Result<std::string_view> next() override {
        return std::exchange(given_, true) ? std::string_view() : std::string_view(text_);
    }
    // It does not stand in the file in this form.
    SourceSpan where() const override { return {}; }

private:
    std::string text_;
    bool given_ = false;
};

// The kind of statement, and its values.
Result<void> check_meaning(const Members& members, const TextPlace& place) {
    for (const std::string_view value : elements_of(net::json_raw(members, "Parameters")))
        CHECK(check_value(value, "Parameters", place));
    const std::string verb = with_real_names(text_of(members, "Statement"), as_written).verb;
    if (std::find(kVerbs.begin(), kVerbs.end(), verb) != kVerbs.end()) return {};
    const SourceSpan where = place.of(net::json_raw(members, "Statement"));
    if (verb == "SELECT") {
        return fail(make_error(ErrorCode::kInvalidInput, "a SELECT changes nothing, and its rows would be lost")
                        .at(where)
                        .with_remedy("Leave it out."));
    }
    return fail(make_error(ErrorCode::kInvalidInput,
                           fmt::format("a PartiQL statement cannot begin with \"{}\"", printable(verb)))
                    .at(where)
                    .with_remedy("It begins with INSERT, UPDATE, DELETE or EXISTS."));
}

Result<void> check_statement(const Request& request, const Element& element) {
    CHECK(check_element(shapes::kStatement, element, request));
    return check_meaning(members_of(element.json), TextPlace(element.json, element.place()));
}

class Partiql final : public Operation {
public:
    explicit Partiql(RequestPtr request) : request_(std::move(request)) {}

    bool destructive() const override;
    Result<void> check_body() const;
    Result<void> apply(Service& service, const ItemSource& items) override;
    Result<Effect> effect(Service& service) override {
        return service.checkpoint == nullptr ? Effect::kUnknowable : Effect::kAbsent;
    }
    Result<std::string> inverse(Service&, const ItemSource&) override { return std::string(); }

private:
    bool is_streamed() const { return request_->raw("Statement").empty() && elements_of(request_->raw("Statements")).empty(); }
    ItemSource source(const ItemSource& items) const;
    Result<int64_t> check(Service& service, const ItemSource& items) const;

    RequestPtr request_;
};

ItemSource Partiql::source(const ItemSource& items) const {
    if (request_->raw("Statement").empty()) return items;
    return [this]() -> Result<std::unique_ptr<ItemReader>> { return std::make_unique<SingleReader>(*request_); };
}

bool Partiql::destructive() const {
    // Nobody knows yet what stands in a list that is handed over apart.
    if (is_streamed()) return true;
    if (const std::string one = request_->text("Statement"); !one.empty())
        return with_real_names(one, as_written).verb == "DELETE";
    const auto statements = elements_of(request_->raw("Statements"));
    return std::any_of(statements.begin(), statements.end(), [](std::string_view element) {
        return with_real_names(statement_in(element), as_written).verb == "DELETE";
    });
}

Result<void> Partiql::check_body() const {
    if (is_streamed()) return {};
    if (!request_->raw("Statement").empty()) return check_meaning(request_->members(), request_->place());
    TRY(for_each_element(*request_, source({}), nullptr,
                         [&](const Element& element) { return check_statement(*request_, element); }));
    return {};
}

// All statements, and that no table that one deletes from is protected.
Result<int64_t> Partiql::check(Service& service, const ItemSource& items) const {
    std::set<std::string> deleted_from;
    const int64_t total = TRY(
        for_each_element(*request_, items, service.cancellation, [&](const Element& element) -> Result<void> {
            CHECK(check_statement(*request_, element));
            const PartiqlStatement statement = with_real_names(statement_in(element.json), as_written);
            if (statement.verb == "DELETE") deleted_from.insert(statement.tables.begin(), statement.tables.end());
            return {};
        }));
    for (const std::string& table : deleted_from) {
        TableWork work(service, *request_, table);
        CHECK(work.check_unprotected(TRY(work.look_at_existing())));
    }
    return total;
}

Result<void> Partiql::apply(Service& service, const ItemSource& items) {
    const ItemSource statements = source(items);
    const int64_t total = TRY(check(service, statements));
    TableWork work(service, *request_, "");
    TransactionSender sender(work, *request_, TransactionForm::kStatements, total);
    const int64_t done = sender.done_before();
    TRY(for_each_element(*request_, statements, service.cancellation, [&](const Element& element) -> Result<void> {
        if (element.index < done) return {};
        const Members members = members_of(element.json);
        const PartiqlStatement statement =
            with_real_names(text_of(members, "Statement"),
                            [&](std::string_view name) { return service.names.real(name); });
        std::string entry = fmt::format(R"({{"Statement":{})", json_quote(statement.text));
        for (const net::JsonPart& member : members) {
            if (member.name != "Statement") entry += fmt::format(",{}:{}", json_quote(member.name), member.raw);
        }
        return sender.add(element, entry + "}", "");
    }));
    return sender.finish();
}

}  // namespace

Made make_partiql(RequestPtr request) {
    if (request->raw("Statement").empty() == request->raw("Statements").empty()) {
        return fail(make_error(ErrorCode::kInvalidInput, "partiql takes Statement or Statements, one of them")
                        .at(request->where())
                        .with_remedy("Give \"Statement\": \"…\" with \"Parameters\", or \"Statements\": [{\"Statement\": "
                                     "\"…\"}]."));
    }
    auto made = std::make_unique<Partiql>(std::move(request));
    CHECK(made->check_body());
    return made;
}

}  // namespace godwit::dynamodb
