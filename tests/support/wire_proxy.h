// A proxy between a client and a real PostgreSQL server that counts what the
// client asks and can cut the line at a chosen moment.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace godwit::test {

// When the line is cut, seen from one query.
enum class CutPoint : uint8_t {
    kBeforeQuery,  // The server never sees it.
    kBeforeReply,  // The server has carried it out; the client never learns.
    kMidQuery,     // The server sees half of it.
    kLeaveOrphan,  // The client is cut off at once; the server works on, unaware.
};

// Without TLS; listens on a free loopback port until destroyed. Thread-safe.
class WireProxy {
public:
    // Throws std::system_error when it cannot listen.
    WireProxy(std::string host, uint16_t port);
    ~WireProxy();
    WireProxy(const WireProxy&) = delete;
    WireProxy& operator=(const WireProxy&) = delete;

    uint16_t port() const { return port_; }

    // Cuts the line once, at the next query that contains `text`.
    void cut(CutPoint point, std::string text);
    // While refused, new connections are closed at once.
    void refuse(bool refused) { refused_ = refused; }

    // The simple queries that clients have sent so far.
    std::vector<std::string> queries() const;

private:
    void accept_loop();
    void serve(int client);
    // What to do with a query; clears the cut that it meets.
    bool meets_cut(const std::string& query, CutPoint& point);

    const std::string host_;
    const uint16_t server_port_;
    uint16_t port_ = 0;
    int listener_ = -1;
    std::atomic<bool> stopping_{false};
    std::atomic<bool> refused_{false};
    mutable std::mutex mutex_;
    std::vector<std::string> queries_;
    std::string cut_text_;
    CutPoint cut_point_ = CutPoint::kBeforeQuery;
    std::vector<std::thread> threads_;
    std::thread acceptor_;
};

}  // namespace godwit::test
