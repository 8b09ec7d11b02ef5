// A folder of its own for one test, removed with all it holds.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace godwit::test {

class ScratchFolder {
public:
    // Below TMPDIR if that is set, else in memory where that can be: tests sync
    // often. Throws std::system_error when it cannot be made.
    ScratchFolder();
    ~ScratchFolder();
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }
    std::string file(std::string_view name) const { return (path_ / name).string(); }
    // Writes `text` to the file `name` in it and returns its path.
    std::string write(std::string_view name, std::string_view text) const;

private:
    std::filesystem::path path_;
};

}  // namespace godwit::test
