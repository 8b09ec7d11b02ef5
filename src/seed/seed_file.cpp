#include "seed/seed_file.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <sstream>

#include "base/text.h"
#include "format/script_migration.h"
#include "seed/making.h"
#include "seed/scenario_reader.h"

namespace godwit::seed {
namespace {

using Kind = JsonValue::Kind;

constexpr int64_t kMostParameter = 1'000'000'000;
constexpr int64_t kMostFileBytes = 64 << 20;

bool is_option_name(std::string_view name) {
    const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
    return name.size() > 1 && name.front() >= 'a' && name.front() <= 'z' &&
           std::all_of(name.begin(), name.end(), fits);
}

class FileReader {
public:
    FileReader(std::string_view text, const std::string& shown) : reader_(text, shown) {
        file_.shown = shown;
    }

    Result<SeedFile> read(const JsonValue& root) {
        CHECK(reader_.check_members(root, "a seed file",
                                    {"description", "seed", "now", "parameters", "environments", "values",
                                     "profiles", "demo", "test"}));
        if (const JsonValue* text = member_of(root, "description"))
            CHECK(reader_.expect(*text, Kind::kString, "\"description\""));
        CHECK(read_seed(member_of(root, "seed")));
        CHECK(read_now(member_of(root, "now")));
        CHECK(read_parameters(member_of(root, "parameters")));
        CHECK(read_environments(member_of(root, "environments")));
        if (const JsonValue* values = member_of(root, "values"))
            file_.values = TRY(reader_.read_fields(*values, "\"values\""));
        CHECK(read_profiles(member_of(root, "profiles")));
        const ScenarioReader scenarios(reader_, file_);
        file_.demo.name = "demo";
        if (const JsonValue* demo = member_of(root, "demo")) file_.demo = TRY(scenarios.read(*demo, "demo"));
        CHECK(read_tests(scenarios, member_of(root, "test")));
        if (file_.demo.blocks.empty() && file_.tests.empty())
            return reader_.refuse(root, "a seed file needs \"demo\" or \"test\"");
        return std::move(file_);
    }

private:
    Result<void> read_seed(const JsonValue* json) {
        if (json == nullptr) return {};
        file_.seed = static_cast<uint64_t>(TRY(reader_.whole_number(*json, "\"seed\"", 0, INT64_MAX)));
        return {};
    }

    Result<void> read_now(const JsonValue* json) {
        if (json == nullptr) return {};
        const std::string text = TRY(reader_.text_of(*json, "\"now\""));
        if (text == "now") return {};
        file_.now = parse_instant(text);
        if (file_.now) return {};
        return reader_.refuse(*json, fmt::format("\"now\" does not understand {}", printable(text)),
                              "Write \"now\", or a time such as 2025-01-31T12:00:00Z.");
    }

    Result<void> read_parameters(const JsonValue* json) {
        if (json == nullptr) return {};
        CHECK(reader_.expect(*json, Kind::kObject, "\"parameters\""));
        for (const format::JsonMember& member : json->members) {
            if (!is_option_name(member.key)) {
                return fail(
                    make_error(ErrorCode::kInvalidInput,
                               fmt::format("a parameter cannot be called {}", printable(member.key)))
                        .at(reader_.place(member.key_at))
                        .with_remedy(
                            "It becomes an option: small letters, digits and hyphens, such as num-users."));
            }
            file_.parameters.push_back(TRY(read_parameter(member.key, member.value)));
        }
        return {};
    }

    Result<Parameter> read_parameter(const std::string& name, const JsonValue& json) {
        Parameter parameter;
        parameter.name = name;
        parameter.most = kMostParameter;
        if (json.kind == Kind::kNumber) {
            parameter.usual = TRY(reader_.whole_number(json, "a parameter", 0, kMostParameter));
            return parameter;
        }
        CHECK(reader_.check_members(json, "a parameter", {"default", "minimum", "maximum", "description"}));
        if (const JsonValue* least = member_of(json, "minimum"))
            parameter.least = TRY(reader_.whole_number(*least, "\"minimum\"", 0, kMostParameter));
        if (const JsonValue* most = member_of(json, "maximum"))
            parameter.most = TRY(reader_.whole_number(*most, "\"maximum\"", parameter.least, kMostParameter));
        if (const JsonValue* help = member_of(json, "description"))
            parameter.help = TRY(reader_.text_of(*help, "\"description\""));
        const JsonValue* usual = member_of(json, "default");
        if (usual == nullptr) return reader_.refuse(json, "a parameter needs \"default\"");
        parameter.usual = TRY(reader_.whole_number(*usual, "\"default\"", parameter.least, parameter.most));
        return parameter;
    }

    Result<void> read_environments(const JsonValue* json) {
        if (json == nullptr) return {};
        CHECK(reader_.check_members(*json, "\"environments\"", {"demo", "test"}));
        for (const auto& [name, field] :
             {std::pair{"demo", &file_.demo_environments}, {"test", &file_.test_environments}}) {
            const JsonValue* list = member_of(*json, name);
            if (list == nullptr) continue;
            CHECK(reader_.expect(*list, Kind::kArray, "a list of environments"));
            std::vector<std::string> names;
            for (const JsonValue& each : list->items)
                names.push_back(TRY(reader_.text_of(each, "a list of environments")));
            *field = std::move(names);
        }
        return {};
    }

    Result<void> read_profiles(const JsonValue* json) {
        if (json == nullptr) return {};
        CHECK(reader_.expect(*json, Kind::kObject, "\"profiles\""));
        for (const format::JsonMember& member : json->members) {
            auto set = std::make_unique<ProfileSet>();
            set->name = member.key;
            CHECK(reader_.expect(member.value, Kind::kObject, "a set of profiles"));
            for (const format::JsonMember& profile : member.value.members) {
                set->profiles.push_back({profile.key, TRY(reader_.read_fields(profile.value, "a profile"))});
            }
            if (set->profiles.empty()) return reader_.refuse(member.value, "a set of profiles without any");
            file_.profile_sets.push_back(std::move(set));
        }
        return {};
    }

    Result<void> read_tests(const ScenarioReader& scenarios, const JsonValue* json) {
        if (json == nullptr) return {};
        CHECK(reader_.expect(*json, Kind::kObject, "\"test\""));
        for (const format::JsonMember& member : json->members) {
            if (member.key.empty()) return reader_.refuse(member.value, "a scenario without a name");
            file_.tests.push_back(TRY(scenarios.read_test(member.value, member.key)));
        }
        return {};
    }

    GeneratorReader reader_;
    SeedFile file_;
};

// One row of every item and one of every profile, so that what refers to
// nothing is found before anything is written.
Result<void> try_out(const SeedFile& file) {
    std::vector<const Scenario*> scenarios = {&file.demo};
    for (const Scenario& test : file.tests) scenarios.push_back(&test);
    for (const Scenario* scenario : scenarios) {
        MakingOptions options;
        options.sample = true;
        options.now = file.now.value_or(current_instant());
        RowSource rows = TRY(RowSource::make(file, {scenario}, options));
        SeedRow row;
        while (TRY(rows.next(row))) {
        }
    }
    return {};
}

}  // namespace

Instant current_instant() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::seconds>(now).count() * 1'000;
}

std::string_view to_string(Purpose purpose) { return purpose == Purpose::kDemo ? "demo" : "test"; }

const Parameter* SeedFile::parameter(std::string_view name) const {
    for (const Parameter& each : parameters) {
        if (each.name == name) return &each;
    }
    return nullptr;
}

Result<SeedFile> parse_seed_file(std::string_view text, const std::string& shown) {
    if (const auto at = find_invalid_utf8(text)) {
        return fail(make_error(ErrorCode::kInvalidInput, "the seed file is not UTF-8")
                        .at(format::place_in(shown, text.substr(0, *at), *at))
                        .with_remedy("Save it as UTF-8."));
    }
    const JsonValue root = TRY(format::parse_json(text, shown));
    SeedFile file = TRY(FileReader(text, shown).read(root));
    CHECK(try_out(file));
    return file;
}

Result<SeedFile> read_seed_file(const std::string& path) {
    const auto cannot = [&](const std::string& why) {
        return fail(make_error(ErrorCode::kInvalidInput,
                               fmt::format("cannot read the seed file {}: {}", printable(path), why))
                        .with_remedy("Check --seeds, or `seeds = \"…\"` in godwit.toml."));
    };
    struct stat facts = {};
    if (stat(path.c_str(), &facts) != 0) return cannot(std::strerror(errno));
    if (!S_ISREG(facts.st_mode)) return cannot("it is no file");
    if (facts.st_size > kMostFileBytes) return cannot("it is larger than 64 MB");
    std::ifstream in(path, std::ios::binary);
    if (!in) return cannot(std::strerror(errno));
    std::ostringstream bytes;
    bytes << in.rdbuf();
    std::string text = std::move(bytes).str();
    if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
    return parse_seed_file(text, path);
}

}  // namespace godwit::seed
