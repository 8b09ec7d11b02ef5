#include "support/dynamodb_fixture.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <stdexcept>

#include "base/process.h"
#include "base/text.h"
#include "net/aws_client.h"
#include "net/json_text.h"
#include "support/sql_fixture.h"
#include "target/registry.h"

namespace godwit::test {
namespace {

constexpr std::array<std::string_view, 3> kOwnTables{"schema_migrations", "other_migrations", "alembic_version"};

// The emulator takes any; none of the user's own is used.
void set_credentials() {
    setenv("AWS_ACCESS_KEY_ID", "godwit", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "barnacle", 1);
    setenv("AWS_CONFIG_FILE", "/dev/null", 1);
    setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null", 1);
    setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
    for (const char* name : {"AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ENDPOINT_URL",
                             "AWS_ENDPOINT_URL_DYNAMODB"}) {
        unsetenv(name);
    }
}

std::vector<net::JsonPart> members_of(std::string_view json) {
    auto members = net::json_members(json);
    if (!members) throw std::runtime_error("no JSON object: " + std::string(json));
    return std::move(*members);
}

std::vector<std::string_view> elements_of(std::string_view json) {
    return net::json_elements(json).value_or(std::vector<std::string_view>{});
}

class Fixture final : public DynamodbFixture {
public:
    explicit Fixture(DatabaseUrl url) : url_(std::move(url)), suffix_(random_hex(4)) {
        net::AwsOptions options;
        options.region = url_.parameters.at("region");
        options.endpoints["dynamodb"] = fmt::format("http://{}:{}", url_.host, url_.port);
        auto session = net::AwsSession::open(options);
        if (!session) throw std::runtime_error(session.error().message);
        client_ = std::make_unique<net::AwsClient>(*session);
        (void)call("ListTables", "{}");
    }
    ~Fixture() override {
        try {
            drop_all();
        } catch (const std::runtime_error& problem) {
            std::fprintf(stderr, "cannot drop tables of %s: %s\n", suffix_.c_str(), problem.what());
        }
    }

    bool can(Ability ability) const override { return ability == Ability::kInverses || ability == Ability::kFreedByForce; }

    TargetConfig config() const override {
        TargetConfig config;
        config.url = url_;
        config.owner = "tester@here pid 1";
        config.environment = suffix_;
        config.name_template = "{name}-{environment}";
        return config;
    }
    std::unique_ptr<Target> open(const TargetConfig& config) override {
        setenv("GODWIT_MODULE_PATH", GODWIT_BINARY_DIR "/lib/godwit", 1);
        // Where nobody answers, two tries say as much as eight.
        if (config.url.port == "1") setenv("AWS_MAX_ATTEMPTS", "2", 1);
        Result<std::unique_ptr<Target>> target = open_module_target(config);
        unsetenv("AWS_MAX_ATTEMPTS");
        if (!target) throw std::runtime_error(target.error().message);
        return std::move(target).value();
    }
    void reset() override { drop_all(); }

    std::string create(const std::string& name) const override { return table_statement(name, ""); }
    std::string ensure(const std::string& name) const override { return create(name); }
    std::string drop(const std::string& name) const override {
        return fmt::format(R"({{"type": "delete_table", "TableName": "{}"}})", name);
    }
    std::string insert(const std::string& name, const std::string& value) const override {
        return fmt::format(R"({{"type": "put_items", "TableName": "{}", "Items": [{{"value": {{"S": {}}}}}]}})", name,
                           json_quote(value));
    }
    std::string rejected() const override { return insert("there_is_no_such_table", "x"); }
    std::string alone(const std::string&) const override { throw std::logic_error("DynamoDB has no transactions"); }
    std::string undo_alone(const std::string&) const override { throw std::logic_error("DynamoDB has no transactions"); }
    std::string load(const std::string&, const std::vector<std::string>&) const override {
        throw std::logic_error("DynamoDB's statements have no data of lines");
    }
    std::string slow(int32_t) const override { throw std::logic_error("DynamoDB has no slow statement"); }
    std::string notice(const std::string&) const override { throw std::logic_error("DynamoDB has no notices"); }
    std::string insert_version(const std::string& version) const override {
        return fmt::format(R"({{"type": "put_items", "TableName": "{}", "Items": [{{"version": {{"S": {}}}}}]}})",
                           config().history, json_quote(version));
    }
    std::string unreadable() const override { return R"({"type": "make_coffee", "TableName": "a"})"; }
    std::string large(const std::string& name, size_t bytes) const override {
        return table_statement(name, std::string(bytes, ' '));
    }

    WrittenBody write(const std::vector<std::string>& statements, const std::string& file) override {
        WrittenBody written;
        std::string text;
        SourceSpan place{file, 1, 1, 0};
        for (const std::string& statement : statements) {
            if (!text.empty()) {
                text += ",\n";
                place = godwit::advance(place, ",\n");
            }
            written.places.push_back(place);
            text += statement;
            place = godwit::advance(place, statement);
        }
        // A new file each time: earlier bodies stay what they were.
        written.body = script_of(folder_.write(fmt::format("{}_{}", ++files_, file), text), file);
        return written;
    }
    Body write_text(const std::string&, const std::string&) override {
        throw std::logic_error("DynamoDB has no scripts");
    }

    std::string contents() override {
        std::string text;
        for (const std::string& name : tables(false)) text += shape_of(name) + rows_of(name);
        return text;
    }
    std::vector<std::string> own_tables() override { return tables(true); }
    std::vector<std::string> audit_rows() override {
        std::vector<std::pair<std::string, std::string>> rows;
        for (const std::string& item : items_of(config().history)) {
            const auto attributes = members_of(item);
            const auto value = [&](std::string_view name) {
                const std::string_view raw = net::json_raw(attributes, name);
                return raw.empty() ? std::string() : members_of(raw).front().text().value_or("");
            };
            if (value("status") != "audit") continue;
            rows.emplace_back(value("version"), fmt::format("{}|{}|{}|{}|{}|{}", value("command"), value("user"),
                                                            value("host"), value("pid"), value("result"), value("error")));
        }
        std::sort(rows.begin(), rows.end());
        std::vector<std::string> texts;
        for (auto& [key, row] : rows) texts.push_back(std::move(row));
        return texts;
    }

    std::vector<std::string> sql(const std::string&) override { throw std::logic_error("DynamoDB has no SQL"); }
    std::vector<std::string> columns(const std::string&) override { throw std::logic_error("DynamoDB has no SQL"); }
    void disconnect_all() override { throw std::logic_error("DynamoDB's connections stand for nothing"); }
    std::optional<TargetConfig> unreachable() const override {
        TargetConfig config = Fixture::config();
        config.url.host = "127.0.0.1";
        config.url.port = "1";  // tcpmux: nobody listens there.
        return config;
    }

    std::string call(const std::string& action, const std::string& body) override {
        auto reply = client_->call("dynamodb", action, body);
        if (!reply) throw std::runtime_error(action + ": " + reply.error().message);
        return std::move(*reply);
    }
    std::string real(const std::string& logical) const override { return logical + "-" + suffix_; }

private:
    static std::string table_statement(const std::string& name, const std::string& padding) {
        return fmt::format(
            R"({{"type": "create_table", {}"TableName": "{}", "BillingMode": "PAY_PER_REQUEST", )"
            R"("AttributeDefinitions": [{{"AttributeName": "value", "AttributeType": "S"}}], )"
            R"("KeySchema": [{{"AttributeName": "value", "KeyType": "HASH"}}]}})",
            padding, name);
    }

    // Logical names, sorted.
    std::vector<std::string> tables(bool own) {
        std::vector<std::string> names;
        std::string start;
        do {
            const std::string reply = call("ListTables", start.empty() ? "{}" : fmt::format(R"({{"ExclusiveStartTableName":{}}})", start));
            const auto members = members_of(reply);
            for (const std::string_view raw : elements_of(net::json_raw(members, "TableNames"))) {
                std::string name(raw.substr(1, raw.size() - 2));
                if (!name.ends_with("-" + suffix_)) continue;
                name.resize(name.size() - suffix_.size() - 1);
                const bool is_own = std::find(kOwnTables.begin(), kOwnTables.end(), name) != kOwnTables.end();
                if (is_own == own) names.push_back(std::move(name));
            }
            start = net::json_raw(members, "LastEvaluatedTableName");
        } while (!start.empty());
        std::sort(names.begin(), names.end());
        return names;
    }

    void drop_all() {
        for (const bool own : {false, true}) {
            for (const std::string& name : tables(own))
                call("DeleteTable", fmt::format(R"({{"TableName":"{}"}})", real(name)));
        }
    }

    // What users decide of a table, without what the server counts.
    std::string shape_of(const std::string& name) {
        const std::string reply = call("DescribeTable", fmt::format(R"({{"TableName":"{}"}})", real(name)));
        const auto table = members_of(net::json_raw(members_of(reply), "Table"));
        std::string text = name;
        for (const char* member : {"TableStatus", "KeySchema", "AttributeDefinitions", "StreamSpecification",
                                   "DeletionProtectionEnabled"}) {
            text += fmt::format(" {}", net::json_raw(table, member));
        }
        for (const std::string_view index : elements_of(net::json_raw(table, "GlobalSecondaryIndexes"))) {
            const auto members = members_of(index);
            text += fmt::format(" {} {} {}", net::json_raw(members, "IndexName"), net::json_raw(members, "IndexStatus"),
                                net::json_raw(members, "KeySchema"));
        }
        return text + "\n";
    }

    std::vector<std::string> items_of(const std::string& name) {
        std::vector<std::string> items;
        std::string start;
        do {
            const std::string reply = call("Scan", fmt::format(R"({{"TableName":"{}","ConsistentRead":true{}}})", real(name), start));
            const auto members = members_of(reply);
            for (const std::string_view item : elements_of(net::json_raw(members, "Items"))) items.emplace_back(item);
            const std::string_view last = net::json_raw(members, "LastEvaluatedKey");
            start = last.empty() ? "" : fmt::format(R"(,"ExclusiveStartKey":{})", last);
        } while (!start.empty());
        std::sort(items.begin(), items.end());
        return items;
    }

    std::string rows_of(const std::string& name) {
        std::string text;
        for (const std::string& item : items_of(name)) text += fmt::format("{}: {}\n", name, item);
        return text;
    }

    const DatabaseUrl url_;
    const std::string suffix_;
    std::unique_ptr<net::AwsClient> client_;
    ScratchFolder folder_;
    int32_t files_ = 0;
};

}  // namespace

Result<std::unique_ptr<DynamodbFixture>> make_dynamodb_fixture() {
    constexpr const char* kVariable = "GODWIT_TEST_DYNAMODB";
    const auto server = environment_variable(kVariable);
    if (!server) {
        return fail(ErrorCode::kUnavailable, fmt::format("{} is not set (script/servers starts a server and prints it)", kVariable));
    }
    set_credentials();
    DatabaseUrl url = TRY(parse_database_url("dynamodb+" + *server + "?region=us-east-1"));
    try {
        return std::make_unique<Fixture>(std::move(url));
    } catch (const std::runtime_error& problem) {
        return fail(ErrorCode::kUnavailable, fmt::format("{}: {}", kVariable, problem.what()));
    }
}

}  // namespace godwit::test
