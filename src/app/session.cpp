#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "app/command.h"
#include "app/error_text.h"
#include "app/exit_status.h"
#include "app/json.h"
#include "base/process.h"
#include "base/text.h"
#include "events/json_sink.h"
#include "events/terminal_sink.h"

namespace godwit {
namespace {

class Forward final : public EventSink {
public:
    explicit Forward(Session& session) : session_(session) {}
    void on(const Event& event) override { session_.events().on(event); }

private:
    Session& session_;
};

// Of a pipe: `godwit status | head -1` has what it wanted.
bool reader_is_gone(int descriptor) {
    pollfd pipe = {descriptor, POLLOUT, 0};
    return poll(&pipe, 1, 0) == 1 && (pipe.revents & POLLERR) != 0;
}

int keep_open(FILE* /*file*/) { return 0; }

// A name that is mistyped would leave the question open for the one that was meant.
Result<void> check_yes_to(const Arguments& arguments, const Settings& settings) {
    const auto found = arguments.values.find("yes-to");
    if (found == arguments.values.end()) return {};
    std::vector<std::string> names;
    for (const DatabaseSettings& database : settings.databases) names.push_back(database.name);
    for (const std::string& name : found->second) {
        if (std::find(names.begin(), names.end(), name) != names.end()) continue;
        const auto close = nearest(name, names);
        return fail(
            make_error(ErrorCode::kInvalidInput,
                       "--yes-to: no database of this project is called " + printable(name))
                .with_remedy(close ? "Did you mean " + *close + "?" : "It has " + join(names, ", ") + "."));
    }
    return {};
}

Result<Output> read_output(const std::string& text) {
    if (text.empty() || text == "text") return Output::kText;
    if (text == "json") return Output::kJson;
    if (text == "ndjson") return Output::kNdjson;
    return fail(make_error(ErrorCode::kInvalidInput, "--output does not know " + printable(text))
                    .with_remedy("It takes text, json or ndjson."));
}

}  // namespace

Session::Session(Arguments arguments, Cancellation& cancellation)
    : arguments_(std::move(arguments)), cancellation_(cancellation), file_(stdout, keep_open) {}

Session::~Session() = default;

Result<void> Session::prepare() {
    output_ = TRY(read_output(arguments_.value("output")));
    const std::string log_format = arguments_.value("log-format", "text");
    if (log_format != "text" && log_format != "json") {
        return fail(
            make_error(ErrorCode::kInvalidInput, "--log-format does not know " + printable(log_format))
                .with_remedy("It takes text or json."));
    }
    if (const std::string path = arguments_.value("output-file"); !path.empty()) {
        FILE* file = std::fopen(path.c_str(), "we");
        if (file == nullptr) {
            return fail(make_error(ErrorCode::kInvalidInput, "cannot write --output-file " + printable(path) +
                                                                 ": " + std::strerror(errno))
                            .with_remedy("Name a file in a folder that is there and writable."));
        }
        file_ = {file, std::fclose};
    }
    colour_ = output_ == Output::kText && !arguments_.has("no-color") && !environment_variable("NO_COLOR") &&
              file_.get() == stdout && isatty(STDOUT_FILENO) == 1;
    return {};
}

EventSink& Session::events() {
    if (events_ != nullptr) return *events_;
    if (output_ == Output::kNdjson) {
        events_ = std::make_unique<JsonSink>(file_.get(), verbose());
    } else if (arguments_.value("log-format") == "json") {
        events_ = std::make_unique<JsonSink>(stderr, verbose());
    } else {
        TerminalOptions options;
        options.results = output_ == Output::kText ? file_.get() : nullptr;
        options.colour = colour_;
        options.quiet = quiet();
        options.verbose = verbose();
        options.live = isatty(STDERR_FILENO) == 1 && !arguments_.has("no-color");
        options.several_databases = project_ != nullptr && project_->settings().selected.size() > 1;
        events_ = std::make_unique<TerminalSink>(options);
    }
    return *events_;
}

Result<Project*> Session::project() {
    if (project_ != nullptr) return project_.get();
    ProjectOptions options;
    options.request.config = arguments_.value("config");
    options.request.environment = arguments_.value("environment");
    options.request.url = arguments_.value("url");
    options.request.migrations = arguments_.value("migrations");
    options.request.history = arguments_.value("history");
    options.request.seeds = arguments_.value("seeds");
    for (const char* key : {"databases", "database"}) {
        const auto found = arguments_.values.find(key);
        if (found == arguments_.values.end()) continue;
        for (const std::string& word : found->second) {
            for (const std::string_view name : split_any(word, ", "))
                options.request.databases.emplace_back(name);
        }
    }
    forward_ = std::make_unique<Forward>(*this);
    options.events = forward_.get();
    options.cancellation = &cancellation_;
    options.echo = arguments_.has("echo");
    options.lock_wait = TRY(duration_option(arguments_, "lock-timeout"));
    const auto limit = TRY(duration_option(arguments_, "timeout"));
    project_ = TRY(Project::open(options));
    CHECK(check_yes_to(arguments_, project_->settings()));
    const auto deadline = limit ? limit : project_->settings().timeout;
    if (deadline) cancellation_.set_deadline(Cancellation::Clock::now() + *deadline);
    if (project_->settings().remark) remark(*project_->settings().remark);
    return project_.get();
}

Result<void> Session::close() {
    if (project_ != nullptr) project_->disconnect();
    errno = 0;
    const bool lost = std::fflush(file_.get()) != 0 || std::ferror(file_.get()) != 0;
    const int reason = errno;
    const bool unread = lost && reader_is_gone(fileno(file_.get()));
    file_.reset();
    std::fflush(nullptr);
    if (!lost || unread) return {};
    const std::string why = reason == 0 ? "" : std::string(": ") + std::strerror(reason);
    return fail(
        make_error(ErrorCode::kInternal, "the results could not be written" + why)
            .with_remedy(
                "Check the disk and the file that they go to; what was done to the database stays done."));
}

bool Session::several_databases() { return project_ != nullptr && project_->settings().selected.size() > 1; }

void Session::print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), file_.get()); }

void Session::print_line(std::string_view text) {
    print(text);
    print("\n");
}

void Session::remark(std::string_view text) {
    if (quiet()) return;
    if (arguments_.value("log-format") == "json")
        return JsonSink(stderr, false).on(Remark{"", std::string(text)});
    std::fputs((std::string(text) + "\n").c_str(), stderr);
}

int Session::fail_with(const Error& error) {
    std::fflush(file_.get());
    if (output_ == Output::kText && arguments_.value("log-format") == "json") {
        std::fputs(failure_line(error).c_str(), stderr);
    } else if (output_ == Output::kText) {
        std::fputs(error_text(error, isatty(STDERR_FILENO) == 1 && colour_).c_str(), stderr);
    } else {
        Json json(output_ == Output::kJson);
        json.object([&] {
            json.member("schema_version", int64_t{1}).member("command", arguments_.command->name);
            json.key("error").raw(to_json(error));
        });
        print_line(json.finish());
    }
    return exit_status_of(error);
}

int Session::exit_status_of(const Error& error) const {
    return exit_status(error.code, cancellation_.signal());
}

Result<std::optional<std::chrono::milliseconds>> duration_option(const Arguments& arguments,
                                                                 const std::string& key) {
    const std::string text = arguments.value(key);
    if (text.empty()) return std::nullopt;
    const auto ms = parse_duration_ms(text, 1'000);
    if (!ms) {
        return fail(make_error(ErrorCode::kInvalidInput,
                               fmt::format("--{} does not understand {}", key, printable(text)))
                        .with_remedy("It takes a time such as 30s, 500ms or 2m."));
    }
    return std::chrono::milliseconds(*ms);
}

}  // namespace godwit
