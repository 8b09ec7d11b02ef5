#include "net/http.h"

#include <gtest/gtest.h>
#include <signal.h>

#include "net/http_failure.h"
#include "support/fake_server.h"

namespace godwit::net {
namespace {

using test::FakeReply;
using test::FakeRequest;
using test::FakeServer;

FakeReply ok(std::string body = "ok") {
    FakeReply reply;
    reply.body = std::move(body);
    return reply;
}

HttpRequest get(const std::string& url) {
    HttpRequest request;
    request.url = url;
    return request;
}

HttpRequest post(const std::string& url, std::string body) {
    HttpRequest request = get(url);
    request.method = "POST";
    request.body = std::move(body);
    return request;
}

TEST(Http, KeepsItsConnection) {
    FakeServer server([](const FakeRequest& request) { return ok(request.body); });
    HttpClient client;
    for (int i = 0; i < 20; i++) {
        const auto outcome = client.send(post(server.url(), std::to_string(i)));
        ASSERT_TRUE(outcome) << outcome.error().error.message;
        EXPECT_EQ(outcome->body, std::to_string(i));
    }
    EXPECT_EQ(server.connections(), 1);
    EXPECT_EQ(client.connections_made(), 1);
}

TEST(Http, HasNoMoreInFlightThanAllowed) {
    FakeServer server([](const FakeRequest&) { return ok(); });
    HttpClient client({3, ""});
    int done = 0;
    for (int i = 0; i < 50; i++) {
        client.start(get(server.url()), nullptr,
                     [&](const HttpOutcome& outcome) { done += outcome ? 1 : 0; });
    }
    EXPECT_EQ(client.unfinished(), 50U);
    for (int i = 0; i < 2000 && client.unfinished() > 0; i++) client.step(100);
    EXPECT_EQ(done, 50);
    EXPECT_LE(server.connections(), 3);
    EXPECT_LE(server.most_at_once(), 3);
}

TEST(Http, SendsWhatItIsGivenAndNothingElse) {
    FakeServer server([](const FakeRequest&) { return ok(); });
    HttpClient client;
    HttpRequest request = post(server.url() + "/a/../b//c%2F?x=1&y", "text");
    request.method = "PUT";
    request.headers = {{"X-One", "1"}, {"X-Empty", ""}};
    ASSERT_TRUE(client.send(request));
    const FakeRequest seen = server.requests().at(0);
    EXPECT_EQ(seen.method, "PUT");
    EXPECT_EQ(seen.target, "/a/../b//c%2F?x=1&y");
    const std::map<std::string, std::string> headers{
        {"host", server.url().substr(7)}, {"x-one", "1"}, {"x-empty", ""}, {"content-length", "4"}};
    EXPECT_EQ(seen.headers, headers);
}

TEST(Http, KnowsEveryMethod) {
    FakeServer server([](const FakeRequest& request) {
        FakeReply reply = ok(request.method);
        if (request.method == "HEAD") reply.raw = "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n";
        return reply;
    });
    HttpClient client;
    for (const char* method : {"GET", "HEAD", "PUT", "POST", "DELETE", "HEAD", "GET"}) {
        HttpRequest request = get(server.url());
        request.method = method;
        const auto outcome = client.send(request);
        ASSERT_TRUE(outcome) << method << ": " << outcome.error().error.message;
        EXPECT_EQ(outcome->body, std::string(method) == "HEAD" ? "" : method);
        EXPECT_EQ(server.requests().back().method, method);
    }
}

TEST(Http, ForgetsInterimReplies) {
    FakeServer server([](const FakeRequest&) {
        FakeReply reply;
        reply.raw =
            "HTTP/1.1 103 Early Hints\r\nX-Early: yes\r\n\r\nHTTP/1.1 404 No\r\nX-Late: "
            "yes\r\nContent-Length: 2\r\n\r\nno";
        return reply;
    });
    HttpClient client;
    const auto outcome = client.send(get(server.url()));
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->status, 404);
    EXPECT_EQ(outcome->header("X-LATE"), "yes");
    EXPECT_FALSE(outcome->header("x-early"));
}

TEST(Http, RefusesLineBreaksInHeaders) {
    FakeServer server([](const FakeRequest&) { return ok(); });
    HttpClient client;
    HttpRequest request = get(server.url());
    request.headers = {{"X-Name", "a\r\nX-Other: b"}};
    const auto outcome = client.send(request);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, HttpFailureKind::kMisconfigured);
    EXPECT_TRUE(server.requests().empty());
}

// Failures: what the server does, and what the client must make of it.
struct FailureCase {
    std::string name;
    FakeReply reply;
    HttpFailureKind kind;
    std::string words;
};

class HttpFailures : public testing::TestWithParam<FailureCase> {};

TEST_P(HttpFailures, AreToldApart) {
    FakeServer server([&](const FakeRequest&) { return GetParam().reply; });
    HttpClient client;
    HttpRequest request = post(server.url() + "/path?secret=barnacle", "body");
    request.limits.total_ms = 300;
    request.limits.max_reply_bytes = 100;
    const auto outcome = client.send(request);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, GetParam().kind);
    EXPECT_TRUE(outcome.error().sent);
    EXPECT_NE(outcome.error().error.message.find(GetParam().words), std::string::npos)
        << outcome.error().error.message;
    EXPECT_EQ(outcome.error().error.message.find("barnacle"), std::string::npos);
    EXPECT_FALSE(outcome.error().error.remedy.empty());
    EXPECT_EQ(server.requests().size(), 1U);
}

FailureCase failure(std::string name, HttpFailureKind kind, std::string words, FakeReply reply) {
    return {std::move(name), std::move(reply), kind, std::move(words)};
}
FakeReply cut_after(long bytes) {
    FakeReply reply = ok("a body of some length");
    reply.cut_after = bytes;
    return reply;
}
FakeReply raw(std::string text) {
    FakeReply reply;
    reply.raw = std::move(text);
    reply.close = true;
    return reply;
}
FakeReply held() {
    FakeReply reply;
    reply.hold = true;
    return reply;
}

INSTANTIATE_TEST_SUITE_P(
    Replies, HttpFailures,
    testing::Values(failure("NoAnswer", HttpFailureKind::kNoReply, "closed the connection without an answer",
                            cut_after(0)),
                    failure("CutInStatusLine", HttpFailureKind::kNoReply, "", cut_after(7)),
                    failure("CutInBody", HttpFailureKind::kNoReply, "ended too early", cut_after(55)),
                    failure("Silence", HttpFailureKind::kNoReply, "did not answer in time", held()),
                    failure("NotHttp", HttpFailureKind::kNoReply, "broke", raw("220 mail.example ESMTP\r\n")),
                    failure("BadStatus", HttpFailureKind::kNoReply, "", raw("HTTP/1.1 abc\r\n\r\n")),
                    failure("TooLong", HttpFailureKind::kMisconfigured, "longer than 100 bytes",
                            ok(std::string(101, 'x')))),
    [](const auto& each) { return each.param.name; });

TEST(Http, SaysThatNothingWasSentWhenNobodyListens) {
    int port = 0;
    {
        FakeServer server([](const FakeRequest&) { return ok(); });
        port = server.port();
    }
    HttpClient client;
    const auto outcome = client.send(post("http://127.0.0.1:" + std::to_string(port), "x"));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, HttpFailureKind::kNotSent);
    EXPECT_FALSE(outcome.error().sent);
    EXPECT_NE(outcome.error().error.message.find("cannot be reached"), std::string::npos);
}

// libcurl would by itself send it once more over a new connection.
TEST(Http, NeverSendsABodyTwiceByItself) {
    int count = 0;
    FakeServer server([&](const FakeRequest&) { return ++count == 2 ? cut_after(0) : ok(); });
    HttpClient client;
    ASSERT_TRUE(client.send(post(server.url(), "one")));
    const auto outcome = client.send(post(server.url(), "two"));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, HttpFailureKind::kNoReply);
    EXPECT_TRUE(outcome.error().sent);
    EXPECT_TRUE(outcome.error().stale);
    EXPECT_EQ(server.requests().size(), 2U);
    EXPECT_TRUE(client.send(post(server.url(), "three")));
}

TEST(Http, StopsOnRequest) {
    Cancellation cancellation;
    FakeServer server([&](const FakeRequest&) {
        cancellation.request(SIGTERM);
        return held();
    });
    HttpClient client;
    const auto under_way = client.send(post(server.url(), "x"), &cancellation);
    ASSERT_FALSE(under_way);
    EXPECT_EQ(under_way.error().kind, HttpFailureKind::kCancelled);
    EXPECT_TRUE(under_way.error().sent);
    EXPECT_EQ(under_way.error().error.code, ErrorCode::kCancelled);
    const auto not_begun = client.send(post(server.url(), "x"), &cancellation);
    ASSERT_FALSE(not_begun);
    EXPECT_FALSE(not_begun.error().sent);
    EXPECT_EQ(server.requests().size(), 1U);
}

TEST(Http, LetsARequestUnderWayEndWithinItsGrace) {
    Cancellation cancellation;
    FakeServer server([&](const FakeRequest&) {
        cancellation.request(SIGTERM);
        std::this_thread::sleep_for(std::chrono::milliseconds(150));
        return ok();
    });
    HttpClient client;
    HttpRequest request = post(server.url(), "x");
    request.limits.grace_ms = 60'000;
    EXPECT_TRUE(client.send(request, &cancellation));
}

TEST(Http, HonoursTheRunsTimeLimit) {
    Cancellation cancellation;
    cancellation.set_deadline(Cancellation::Clock::now() + std::chrono::milliseconds(50));
    FakeServer server([&](const FakeRequest&) { return held(); });
    HttpClient client;
    const auto outcome = client.send(get(server.url()), &cancellation);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().error.code, ErrorCode::kTimedOut);
}

TEST(Http, DropsWhatIsUnderWayWhenItEnds) {
    FakeServer server([](const FakeRequest&) { return held(); });
    bool called = false;
    {
        HttpClient client({2, ""});
        for (int i = 0; i < 5; i++)
            client.start(get(server.url()), nullptr, [&](const HttpOutcome&) { called = true; });
        client.step(50);
    }
    EXPECT_FALSE(called);
}

TEST(Http, StartsMoreFromItsCallbacks) {
    FakeServer server([](const FakeRequest&) { return ok(); });
    HttpClient client({2, ""});
    int done = 0;
    std::function<void()> start_next = [&] {
        client.start(get(server.url()), nullptr, [&](const HttpOutcome& outcome) {
            ASSERT_TRUE(outcome);
            if (++done < 10) start_next();
        });
    };
    start_next();
    for (int i = 0; i < 2000 && client.unfinished() > 0; i++) client.step(100);
    EXPECT_EQ(done, 10);
}

TEST(Http, UsesTheProxyOfTheEnvironmentUnlessTold) {
    FakeServer proxy([](const FakeRequest&) { return ok("by proxy"); });
    FakeServer server([](const FakeRequest&) { return ok("direct"); });
    setenv("http_proxy", proxy.url().c_str(), 1);
    HttpClient client;
    HttpRequest request = get(server.url() + "/x");
    const auto through = client.send(request);
    request.use_proxy = false;
    const auto around = client.send(request);
    unsetenv("http_proxy");
    ASSERT_TRUE(through && around);
    EXPECT_EQ(through->body, "by proxy");
    EXPECT_EQ(proxy.requests().at(0).target, server.url() + "/x");
    EXPECT_EQ(around->body, "direct");
}

TEST(Http, ReadsDates) {
    EXPECT_EQ(parse_http_date_ms("Thu, 01 Jan 1970 00:00:10 GMT"), 10'000);
    EXPECT_EQ(parse_http_date_ms("Sat, 21 Nov 2026 14:03:57 GMT"), 1'795'269'837'000);
    EXPECT_FALSE(parse_http_date_ms("soon"));
}

TEST(Http, ShowsOfAUrlOnlyWhereItLeads) {
    EXPECT_EQ(origin_of("https://user:pass@host:8000/a?b#c"), "https://host:8000");
    EXPECT_EQ(origin_of("http://host?x"), "http://host");
    EXPECT_EQ(origin_of("nonsense"), "nonsense");
}

}  // namespace
}  // namespace godwit::net
