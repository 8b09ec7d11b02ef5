// A world for the network code in which a test decides the time, chance,
// environment and files.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "net/aws_session.h"
#include "support/scratch_folder.h"

namespace godwit::net {

// Passes only when somebody waits; every wait is noted.
class FakeTime final : public TimeSource {
public:
    int64_t wall_ms() const override { return wall_ms_; }
    int64_t steady_ms() const override { return steady_ms_; }
    void idle(int64_t ms) override {
        pass(ms);
        waits_.push_back(ms);
    }
    void pass(int64_t ms) {
        wall_ms_ += ms;
        steady_ms_ += ms;
    }
    const std::vector<int64_t>& waits() const { return waits_; }

private:
    std::atomic<int64_t> wall_ms_{1'795'269'837'000};  // 2026-11-21T14:03:57Z
    std::atomic<int64_t> steady_ms_{0};
    std::vector<int64_t> waits_;
};

// Always the same: 0.5 makes each wait half of the longest.
class FakeRandom final : public RandomSource {
public:
    double fraction() override { return value; }
    double value = 0.5;
};

struct FakeWorld {
    FakeTime time;
    FakeRandom random;
    std::map<std::string, std::string> environment{
        {"AWS_REGION", "eu-west-1"}, {"AWS_EC2_METADATA_DISABLED", "true"}, {"HOME", "/nonexistent"}};

    Surroundings surroundings() {
        Surroundings made;
        made.variable = [this](const std::string& name) -> std::optional<std::string> {
            const auto found = environment.find(name);
            if (found == environment.end() || found->second.empty()) return std::nullopt;
            return found->second;
        };
        made.time = &time;
        made.random = &random;
        return made;
    }

    void set_keys() {
        environment["AWS_ACCESS_KEY_ID"] = "AKIDEXAMPLE";
        environment["AWS_SECRET_ACCESS_KEY"] = "barnacle";
    }

    Result<AwsConfig> config(const AwsOptions& options = {}) {
        return AwsConfig::load(options, surroundings());
    }
    Result<std::shared_ptr<AwsSession>> session(const AwsOptions& options = {}) {
        return AwsSession::open(options, surroundings());
    }

    // Writes the two shared files and points the environment at them.
    void write_files(const std::string& config_text, const std::string& credentials_text) {
        environment["AWS_CONFIG_FILE"] = folder.write("config", config_text);
        environment["AWS_SHARED_CREDENTIALS_FILE"] = folder.write("credentials", credentials_text);
    }

    test::ScratchFolder folder;
};

}  // namespace godwit::net
