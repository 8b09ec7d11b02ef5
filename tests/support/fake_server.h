// An HTTP server on 127.0.0.1 that answers as a test says, well or badly.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace godwit::test {

struct FakeRequest {
    std::string method, target, body;
    std::map<std::string, std::string> headers;  // Names in lower case.
    int connection = 0;                          // From 1, in the order of their arrival.
};

struct FakeReply {
    int status = 200;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    std::string raw;      // Sent in place of all the above.
    long cut_after = -1;  // Sends only so many bytes of it all, and closes.
    bool close = false;   // Closes after the reply.
    bool hold = false;    // Says nothing until the client goes away.
};

// Handlers run one at a time, in threads of the server.
class FakeServer {
public:
    using Handler = std::function<FakeReply(const FakeRequest&)>;

    explicit FakeServer(Handler handler);
    ~FakeServer();
    FakeServer(const FakeServer&) = delete;
    FakeServer& operator=(const FakeServer&) = delete;

    std::string url() const;  // http://127.0.0.1:PORT
    int port() const { return port_; }
    std::vector<FakeRequest> requests() const;
    // Runs `change` while no handler does: what handlers use is changed and read so.
    template <typename Change>
    void locked(Change change) {
        const std::lock_guard guard(mutex_);
        change();
    }
    int connections() const { return connections_; }
    int most_at_once() const { return most_at_once_; }  // Requests being answered.

private:
    void accept_all();
    void serve(int socket, int number);
    bool answer(int socket, const FakeReply& reply);

    Handler handler_;
    int listener_ = -1, port_ = 0;
    std::atomic<bool> stopping_{false};
    std::atomic<int> connections_{0}, at_once_{0}, most_at_once_{0};
    mutable std::mutex mutex_;
    std::vector<FakeRequest> requests_;
    std::vector<std::thread> threads_;
    std::thread acceptor_;
};

}  // namespace godwit::test
