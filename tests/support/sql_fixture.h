// What the fixtures of SQL databases share: bodies are scripts in files.
#pragma once

#include <sys/stat.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "base/source_span.h"
#include "support/scratch_folder.h"
#include "support/target_fixture.h"

namespace godwit::test {

// The whole file at `path` as a script that is shown as `shown`.
inline Script script_of(const std::string& path, const std::string& shown) {
    struct stat status = {};
    if (::stat(path.c_str(), &status) != 0) throw std::runtime_error("cannot stat " + path);
    Script script;
    script.path = path;
    script.file = shown;
    script.end = status.st_size;
    script.file_size = status.st_size;
    script.file_mtime_ns = status.st_mtim.tv_sec * 1'000'000'000LL + status.st_mtim.tv_nsec;
    return script;
}

class SqlFixture : public TargetFixture {
public:
    std::string drop(const std::string& name) const override { return "DROP TABLE " + name + ";"; }
    std::string insert(const std::string& name, const std::string& value) const override {
        return "INSERT INTO " + name + " VALUES ('" + value + "');";
    }
    std::string ensure(const std::string& name) const override {
        return "CREATE TABLE IF NOT EXISTS " + name + " (value text);";
    }
    std::string create(const std::string& name) const override { return "CREATE TABLE " + name + " (value text);"; }
    std::string rejected() const override { return "INSERT INTO there_is_no_such_table VALUES ('x');"; }
    std::string insert_version(const std::string& version) const override {
        return "INSERT INTO " + config().history + " (version) VALUES ('" + version + "');";
    }
    std::string unreadable() const override { return "SELECT 'never closed"; }
    std::string large(const std::string& name, size_t bytes) const override {
        return "CREATE TABLE " + name + " AS SELECT length('" + std::string(bytes, 'x') + "') AS value;";
    }

    WrittenBody write(const std::vector<std::string>& statements, const std::string& file) override {
        WrittenBody written;
        std::string text;
        SourceSpan place{file, 1, 1, 0};
        for (const std::string& statement : statements) {
            written.places.push_back(place);
            place = godwit::advance(place, statement + "\n");
            text += statement + "\n";
        }
        written.body = write_text(text, file);
        return written;
    }
    Body write_text(const std::string& text, const std::string& file) override {
        // A new file each time: earlier bodies stay what they were.
        const std::string path = folder_.write(std::to_string(++files_) + "_" + file, text);
        return script_of(path, file);
    }

protected:
    const ScratchFolder& folder() const { return folder_; }

private:
    ScratchFolder folder_;
    int32_t files_ = 0;
};

}  // namespace godwit::test
