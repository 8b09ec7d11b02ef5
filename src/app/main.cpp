#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include "app/command.h"
#include "app/command_line.h"
#include "app/error_text.h"
#include "app/exit_status.h"

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

}  // namespace

int main(int argc, char** argv) {
    watch_signals();
    std::vector<std::string> words(argv + 1, argv + argc);
    if (words.size() == 1 && (words[0] == "--version" || words[0] == "-V")) words[0] = "version";
    godwit::Result<godwit::Arguments> arguments = godwit::parse_command_line(words);
    if (!arguments) {
        std::fputs(godwit::error_text(arguments.error(), false).c_str(), stderr);
        return godwit::exit_status(arguments.error().code);
    }
    godwit::Session session(std::move(*arguments), cancellation);
    if (godwit::Result<void> ready = session.prepare(); !ready) return session.fail_with(ready.error());
    return session.arguments().command->run(session);
}
