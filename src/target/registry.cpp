#include "target/registry.h"

#include <dlfcn.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <map>
#include <vector>

#include "base/process.h"
#include "base/text.h"
#include "target/module.h"

namespace godwit {
namespace {

// Scheme → the name of its module and the Debian package it needs.
struct ModuleEntry {
    std::string_view scheme;
    std::string_view name;
    std::string_view package;
};
constexpr ModuleEntry kModules[] = {
    {"postgresql", "postgres", "libpq5"},
    {"dynamodb", "dynamodb", "libcurl4"},
    {"dynamodb+http", "dynamodb", "libcurl4"},
    {"dynamodb+https", "dynamodb", "libcurl4"},
};

std::string folder_of_program() {
    char path[PATH_MAX];
    const ssize_t length = readlink("/proc/self/exe", path, sizeof path);
    if (length <= 0) return "";
    const std::string_view program(path, static_cast<size_t>(length));
    return std::string(program.substr(0, program.rfind('/')));
}

std::vector<std::string> search_folders() {
    std::vector<std::string> folders;
    if (const auto path = environment_variable("GODWIT_MODULE_PATH")) {
        for (const std::string_view folder : split_any(*path, ":")) folders.emplace_back(folder);
    }
    if (const std::string folder = folder_of_program(); !folder.empty()) {
        folders.push_back(folder + "/../lib/godwit");
        folders.push_back(folder + "/lib/godwit");
    }
    folders.emplace_back(GODWIT_INSTALL_LIBDIR "/godwit");
    return folders;
}

Result<const TargetModule*> load_module(const ModuleEntry& entry) {
    const std::string file = "target_" + std::string(entry.name) + ".so";
    std::vector<std::string> tried;
    for (const std::string& folder : search_folders()) {
        const std::string path = folder + "/" + file;
        if (access(path.c_str(), F_OK) != 0) {
            tried.push_back(path + ": not there");
            continue;
        }
        void* handle = dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL);
        if (handle == nullptr) {
            tried.push_back(std::string(dlerror()));
            continue;
        }
        const auto* module = static_cast<const TargetModule*>(dlsym(handle, "godwit_target_module"));
        if (module != nullptr && std::string_view(module->abi) == GODWIT_MODULE_ABI) return module;
        tried.push_back(path + ": belongs to another version of godwit");
    }
    Error error = make_error(ErrorCode::kNotSupported,
                             "the module for " + std::string(entry.scheme) + " (" + file + ") cannot be loaded");
    error.details = std::move(tried);
    return fail(std::move(error).with_remedy("Install the whole of godwit (bin and lib/godwit) and the package " +
                                             std::string(entry.package) +
                                             ", or name the modules' folder in GODWIT_MODULE_PATH."));
}

}  // namespace

bool is_module_scheme(std::string_view scheme) {
    return std::any_of(std::begin(kModules), std::end(kModules),
                       [&](const ModuleEntry& entry) { return entry.scheme == scheme; });
}

Result<std::unique_ptr<Target>> open_module_target(const TargetConfig& config) {
    for (const ModuleEntry& entry : kModules) {
        if (entry.scheme != config.url.scheme) continue;
        const TargetModule* module = TRY(load_module(entry));
        return module->open(config);
    }
    std::vector<std::string> schemes{"sqlite"};
    for (const ModuleEntry& entry : kModules) schemes.emplace_back(entry.scheme);
    std::string message = "unknown database scheme " + printable(config.url.scheme) + ":";
    const auto close = nearest(config.url.scheme, schemes);
    return fail(make_error(ErrorCode::kInvalidInput, std::move(message))
                    .with_remedy(close ? "Did you mean " + *close + ":?" : "Known are " + join(schemes, ", ") + "."));
}

}  // namespace godwit
