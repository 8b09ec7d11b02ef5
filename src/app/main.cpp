#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "app/command.h"
#include "app/command_line.h"
#include "app/error_text.h"
#include "app/exit_status.h"
#include "events/json_sink.h"
#include "project/project.h"

namespace {

godwit::Cancellation cancellation;

// The first signal asks for a clean stop; a second one ends the program at once.
void on_signal(int signal) {
    if (cancellation.signal() != 0) _Exit(128 + signal);
    cancellation.request(signal);
}

void watch_signals() {
    struct sigaction action = {};
    action.sa_handler = on_signal;
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaction(signal, &action, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
}

// Where a standard stream is closed, the next file or connection would get its
// number, and messages would be written into it.
void keep_standard_streams() {
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (fcntl(stream, F_GETFD) == -1 && errno == EBADF) open("/dev/null", O_RDWR);
    }
}

// One heap for the main thread and one for the others, which grow in large steps:
// at a start that takes milliseconds, waiting for each other and the system calls
// of the defaults can be measured.
void tune_allocator() {
    mallopt(M_ARENA_MAX, 2);
    mallopt(M_TOP_PAD, 1 << 20);
    mallopt(M_TRIM_THRESHOLD, 16 << 20);
}

// Of a command line that could not be understood as a whole.
bool asks_for_json_log(const std::vector<std::string>& words) {
    for (size_t at = 0; at < words.size(); ++at) {
        if (words[at] == "--log-format=json") return true;
        if (words[at] == "--log-format" && at + 1 < words.size() && words[at + 1] == "json") return true;
    }
    return false;
}

}  // namespace

int main(int argc, char** argv) {
    keep_standard_streams();
    tune_allocator();
    godwit::tune_for_program();
    watch_signals();
    std::vector<std::string> words(argv + 1, argv + argc);
    if (words.size() == 1 && (words[0] == "--version" || words[0] == "-V")) words[0] = "version";
    godwit::Result<godwit::Arguments> arguments = godwit::parse_command_line(words);
    if (!arguments) {
        const godwit::Error& error = arguments.error();
        std::fputs((asks_for_json_log(words) ? godwit::failure_line(error) : godwit::error_text(error, false))
                       .c_str(),
                   stderr);
        return godwit::exit_status(error.code);
    }
    // Closed, not freed: the kernel takes back memory faster than we could.
    auto* session = new godwit::Session(std::move(*arguments), cancellation);
    const godwit::Result<void> ready = session->prepare();
    const int status =
        ready ? session->arguments().command->run(*session) : session->fail_with(ready.error());
    const godwit::Result<void> written = session->close();
    if (!written) std::fputs(godwit::error_text(written.error(), false).c_str(), stderr);
    std::_Exit(status == 0 && !written ? godwit::exit_status(written.error().code) : status);
}
