#include "support/wire_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace godwit::test {
namespace {

sockaddr_in loopback(uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

bool send_all(int socket, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
}

// Appends what is there to `buffer`; false at the end of the line.
bool read_some(int socket, std::string& buffer) {
    std::array<char, 65'536> piece;
    const ssize_t got = recv(socket, piece.data(), piece.size(), 0);
    if (got <= 0) return false;
    buffer.append(piece.data(), static_cast<size_t>(got));
    return true;
}

bool readable(int socket, int wait_ms) {
    pollfd descriptor{socket, POLLIN, 0};
    return poll(&descriptor, 1, wait_ms) > 0;
}

// The length of the message at the front of `buffer`, 0 while it is incomplete.
// The first message of a client has no type.
size_t message_length(const std::string& buffer, bool typed) {
    const size_t head = typed ? 5 : 4;
    if (buffer.size() < head) return 0;
    uint32_t length = 0;
    std::memcpy(&length, buffer.data() + (typed ? 1 : 0), 4);
    const size_t total = ntohl(length) + (typed ? 1 : 0);
    return buffer.size() < total ? 0 : total;
}

// Waits until the server is ready for the next query, and keeps the answer.
void swallow_reply(int server) {
    std::string reply;
    while (read_some(server, reply)) {
        for (size_t length = message_length(reply, true); length > 0; length = message_length(reply, true)) {
            if (reply[0] == 'Z') return;
            reply.erase(0, length);
        }
    }
}

class Socket {
public:
    explicit Socket(int handle) : handle_(handle) {}
    ~Socket() { close(handle_); }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    int handle() const { return handle_; }

private:
    int handle_;
};

}  // namespace

WireProxy::WireProxy(std::string host, uint16_t port) : host_(std::move(host)), server_port_(port) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    const bool ready = bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0 && listen(listener_, 16) == 0 &&
                       getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    if (!ready) throw std::system_error(errno, std::generic_category(), "cannot listen");
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_loop(); });
}

WireProxy::~WireProxy() {
    stopping_ = true;
    acceptor_.join();
    for (std::thread& thread : threads_) thread.join();
    close(listener_);
}

void WireProxy::cut(CutPoint point, std::string text) {
    const std::lock_guard lock(mutex_);
    cut_point_ = point;
    cut_text_ = std::move(text);
}

std::vector<std::string> WireProxy::queries() const {
    const std::lock_guard lock(mutex_);
    return queries_;
}

bool WireProxy::meets_cut(const std::string& query, CutPoint& point) {
    const std::lock_guard lock(mutex_);
    queries_.push_back(query);
    if (cut_text_.empty() || query.find(cut_text_) == std::string::npos) return false;
    point = cut_point_;
    cut_text_.clear();
    return true;
}

void WireProxy::accept_loop() {
    while (!stopping_) {
        if (!readable(listener_, 50)) continue;
        const int client = accept(listener_, nullptr, nullptr);
        if (client < 0) continue;
        if (refused_) {
            close(client);
        } else {
            threads_.emplace_back([this, client] { serve(client); });
        }
    }
}

void WireProxy::serve(int handle) {
    const Socket client(handle);
    const Socket server(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address = loopback(server_port_);
    inet_pton(AF_INET, host_.c_str(), &address.sin_addr);
    if (connect(server.handle(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return;
    std::string request;
    bool typed = false;
    while (!stopping_) {
        std::array<pollfd, 2> descriptors{{{client.handle(), POLLIN, 0}, {server.handle(), POLLIN, 0}}};
        if (poll(descriptors.data(), 2, 50) <= 0) continue;
        if (descriptors[1].revents != 0) {
            std::string answer;
            if (!read_some(server.handle(), answer) || !send_all(client.handle(), answer)) return;
        }
        if (descriptors[0].revents == 0) continue;
        if (!read_some(client.handle(), request)) return;
        for (size_t length = message_length(request, typed); length > 0; length = message_length(request, typed)) {
            const std::string message = request.substr(0, length);
            request.erase(0, length);
            CutPoint point{};
            const bool query = typed && message[0] == 'Q';
            const bool cut = query && meets_cut(message.substr(5, length - 6), point);
            // A cancel request is complete with its first message.
            typed = true;
            if (cut && point == CutPoint::kBeforeQuery) return;
            if (cut && point == CutPoint::kMidQuery) {
                send_all(server.handle(), std::string_view(message).substr(0, message.size() / 2));
                return;
            }
            if (!send_all(server.handle(), message)) return;
            if (cut && point == CutPoint::kLeaveOrphan) shutdown(client.handle(), SHUT_RDWR);
            if (cut) return swallow_reply(server.handle());
        }
    }
}

}  // namespace godwit::test
