// Credentials that a command of the user's prints.
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#include "base/text.h"
#include "net/credentials.h"
#include "net/json_text.h"

namespace godwit::net {
namespace {

constexpr int64_t kLongestRunMs = 60'000;
constexpr size_t kLongestOutput = 1 << 20;
constexpr int kPollMs = 20;

// Splits as a POSIX shell does, without expanding anything; nothing when a quote
// is not closed.
std::optional<std::vector<std::string>> split_words(std::string_view text) {
    std::vector<std::string> words;
    std::string word;
    bool in_word = false;
    char quote = '\0';
    for (size_t i = 0; i < text.size(); i++) {
        const char c = text[i];
        if (quote == '\'') {
            if (c == quote)
                quote = '\0';
            else
                word += c;
        } else if (c == '\\' && i + 1 < text.size()) {
            // Between double quotes a backslash protects only these two.
            if (quote == '"' && text[i + 1] != '"' && text[i + 1] != '\\')
                word += c;
            else
                word += text[++i];
            in_word = true;
        } else if (quote == '"') {
            if (c == quote)
                quote = '\0';
            else
                word += c;
        } else if (c == '\'' || c == '"') {
            quote = c;
            in_word = true;
        } else if (c == ' ' || c == '\t' || c == '\n') {
            if (in_word) words.push_back(std::move(word));
            word.clear();
            in_word = false;
        } else {
            word += c;
            in_word = true;
        }
    }
    if (quote != '\0') return std::nullopt;
    if (in_word) words.push_back(std::move(word));
    return words;
}

// A running command whose standard output is ours. All else stays the user's:
// some ask a person for a code.
class Child {
public:
    Child() = default;
    ~Child() {
        if (output_ >= 0) close(output_);
        if (pid_ > 0) {
            kill(pid_, SIGKILL);
            waitpid(pid_, nullptr, 0);
        }
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    // 0, or the number of the error.
    int start(std::vector<std::string> words) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) != 0) return errno;
        output_ = ends[0];
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
        posix_spawnattr_t attributes;
        posix_spawnattr_init(&attributes);
        // What this program ignores or blocks is not for others.
        sigset_t none, defaults;
        sigemptyset(&none);
        sigemptyset(&defaults);
        sigaddset(&defaults, SIGPIPE);
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setsigdefault(&attributes, &defaults);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
        std::vector<char*> arguments;
        for (std::string& word : words) arguments.push_back(word.data());
        arguments.push_back(nullptr);
        const int error = posix_spawnp(&pid_, arguments[0], &actions, &attributes, arguments.data(), environ);
        posix_spawnattr_destroy(&attributes);
        posix_spawn_file_actions_destroy(&actions);
        close(ends[1]);
        if (error != 0) pid_ = -1;
        return error;
    }

    // Takes what there is, waiting at most `wait_ms` for it; false at the end.
    bool read_into(std::string& output, int wait_ms) {
        pollfd waiting{output_, POLLIN, 0};
        if (poll(&waiting, 1, wait_ms) <= 0) return true;
        char buffer[4096];
        const ssize_t got = read(output_, buffer, sizeof buffer);
        if (got > 0) output.append(buffer, static_cast<size_t>(got));
        explicit_bzero(buffer, sizeof buffer);
        return got > 0 || (got < 0 && errno == EINTR);
    }

    // The exit status, or 128 and the signal; -1 while it runs.
    int status() {
        int raw = 0;
        if (waitpid(pid_, &raw, WNOHANG) != pid_) return -1;
        pid_ = -1;
        return WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
    }

private:
    pid_t pid_ = -1;
    int output_ = -1;
};

struct Finished {
    int status = 0;
    Secret output;
};

Result<Finished> run(std::vector<std::string> words, const std::string& what, TimeSource& time,
                     const Cancellation* cancellation) {
    Child child;
    if (const int error = child.start(std::move(words)); error != 0) {
        return fail(ErrorCode::kInvalidInput,
                    fmt::format("{} cannot be started: {}", what, std::strerror(error)));
    }
    const int64_t start_ms = time.steady_ms();
    std::string output;
    int status = -1;
    // To the end of its output, or, when something that it left behind holds that
    // open, to its own end and whatever was written until then.
    for (bool open = true; open || status < 0;) {
        if (cancellation != nullptr) CHECK(cancellation->check());
        if (time.steady_ms() - start_ms > kLongestRunMs) {
            return fail(ErrorCode::kUnavailable,
                        fmt::format("{} did not end within {} s", what, kLongestRunMs / 1000));
        }
        const size_t before = output.size();
        if (open)
            open = child.read_into(output, status < 0 ? kPollMs : 0);
        else
            poll(nullptr, 0, kPollMs);
        if (output.size() > kLongestOutput)
            return fail(ErrorCode::kUnavailable, fmt::format("{} prints too much", what));
        if (status >= 0 && output.size() == before) break;
        if (status < 0) status = child.status();
    }
    return Finished{status, Secret(std::move(output))};
}

}  // namespace

Result<AwsCredentials> process_credentials(const std::string& command, const std::string& what,
                                           const SourceSpan& where, const Surroundings& surroundings,
                                           const Cancellation* cancellation) {
    const auto at_setting = [&](ErrorCode code, std::string message) {
        return fail(make_error(code, std::move(message)).at(where));
    };
    auto words = split_words(command);
    if (!words || words->empty()) {
        return at_setting(ErrorCode::kInvalidInput,
                          fmt::format("{} is not a command: a quote is not closed, or it is empty", what));
    }
    auto finished = run(std::move(*words), what, *surroundings.time, cancellation);
    if (!finished) {
        Error error = std::move(finished).error();
        return fail(error.where.known() ? std::move(error) : std::move(error).at(where));
    }
    if (finished->status != 0) {
        return fail(make_error(ErrorCode::kUnavailable,
                               fmt::format("{} failed with status {}", what, finished->status))
                        .at(where)
                        .with_remedy("Run the command by hand; what it says to standard error is above."));
    }
    const auto members = json_members(finished->output.expose());
    const auto version = members ? json_text(*members, {"Version"}) : std::nullopt;
    if (!members || version != "1") {
        return at_setting(ErrorCode::kUnavailable,
                          fmt::format("{} printed {}", what,
                                      members ? "another Version than 1" : "something that is not JSON"));
    }
    auto credentials = parse_credentials(finished->output.expose(), what);
    if (!credentials) return fail(std::move(credentials).error().at(where));
    return credentials;
}

}  // namespace godwit::net
