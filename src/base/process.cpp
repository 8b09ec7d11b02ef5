#include "base/process.h"

#include <pwd.h>
#include <sched.h>
#include <sys/random.h>
#include <unistd.h>

#include <cstdlib>

#include "base/text.h"

namespace godwit {

std::string user_name() {
    // The environment first: looking the user up reads system files at every start.
    if (const auto name = environment_variable("USER")) return *name;
    passwd entry{};
    passwd* found = nullptr;
    char names[4096] = {};
    if (getpwuid_r(getuid(), &entry, names, sizeof names, &found) == 0 && found != nullptr) return entry.pw_name;
    return "uid " + std::to_string(getuid());
}

std::string host_name() {
    char name[256] = {};
    return gethostname(name, sizeof name - 1) == 0 ? name : "unknown";
}

int64_t process_id() { return getpid(); }

std::string owner_text() { return user_name() + "@" + host_name() + " pid " + std::to_string(process_id()); }

std::optional<std::string> environment_variable(const char* name) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') return std::nullopt;
    return value;
}

std::string random_hex(size_t bytes) {
    std::string raw(bytes, '\0');
    size_t have = 0;
    while (have < bytes) {
        const ssize_t got = getrandom(raw.data() + have, bytes - have, 0);
        if (got > 0) have += static_cast<size_t>(got);
    }
    return to_hex(raw);
}

int current_processor() { return sched_getcpu(); }

void keep_off_processor(int processor) {
    cpu_set_t allowed;
    if (processor < 0 || processor >= CPU_SETSIZE || sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
    CPU_CLR(processor, &allowed);
    if (CPU_COUNT(&allowed) > 0) sched_setaffinity(0, sizeof allowed, &allowed);
}

}  // namespace godwit
