// Whom the client trusts, against a server with a certificate that nobody signed.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

#include "net/http.h"
#include "support/scratch_folder.h"

namespace godwit::net {
namespace {

class Tls : public testing::Test {
protected:
    void SetUp() override {
        int input[2], output[2];
        ASSERT_EQ(pipe2(input, O_CLOEXEC), 0);
        ASSERT_EQ(pipe2(output, O_CLOEXEC), 0);
        const std::string script = GODWIT_SOURCE_DIR "/tests/net/tls_server.py",
                          path = folder.path().string();
        process_ = fork();
        if (process_ == 0) {
            dup2(input[0], STDIN_FILENO);
            dup2(output[1], STDOUT_FILENO);
            execlp("python3", "python3", script.c_str(), path.c_str(), nullptr);
            _exit(127);
        }
        close(input[0]);
        close(output[1]);
        input_ = input[1];
        FILE* said = fdopen(output[0], "r");
        ASSERT_EQ(fscanf(said, "%d", &port_), 1) << "the server did not start";
        fclose(said);
    }

    void TearDown() override {
        close(input_);
        waitpid(process_, nullptr, 0);
    }

    HttpOutcome get(const std::string& host, const std::string& ca_file) {
        HttpClient client({1, ca_file});
        HttpRequest request;
        request.url = "https://" + host + ":" + std::to_string(port_) + "/";
        return client.send(request);
    }

    test::ScratchFolder folder;

private:
    pid_t process_ = -1;
    int input_ = -1, port_ = 0;
};

TEST_F(Tls, TrustsWhomItIsTold) {
    const HttpOutcome outcome = get("127.0.0.1", folder.file("certificate.pem"));
    ASSERT_TRUE(outcome) << outcome.error().error.message;
    EXPECT_EQ(outcome->body, "ok");
}

TEST_F(Tls, TrustsNobodyElse) {
    const HttpOutcome outcome = get("127.0.0.1", "");
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, HttpFailureKind::kMisconfigured);
    EXPECT_FALSE(outcome.error().sent);
    EXPECT_NE(outcome.error().error.message.find("is not trusted"), std::string::npos)
        << outcome.error().error.message;
    EXPECT_NE(outcome.error().error.remedy.find("AWS_CA_BUNDLE"), std::string::npos);
}

TEST_F(Tls, DoesNotTakeOneHostForAnother) {
    const HttpOutcome outcome = get("localhost", folder.file("certificate.pem"));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, HttpFailureKind::kMisconfigured);
}

TEST_F(Tls, NamesAFileOfAuthoritiesThatIsNone) {
    for (const std::string& file : {std::string("/nonexistent.pem"), folder.write("empty.pem", "nothing")}) {
        const HttpOutcome outcome = get("127.0.0.1", file);
        ASSERT_FALSE(outcome);
        EXPECT_EQ(outcome.error().error.code, ErrorCode::kInvalidInput);
        EXPECT_NE(outcome.error().error.message.find(file), std::string::npos)
            << outcome.error().error.message;
    }
}

}  // namespace
}  // namespace godwit::net
