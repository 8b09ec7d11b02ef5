#include "support/fake_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <optional>

#include "base/text.h"

namespace godwit::test {
namespace {

constexpr int kPollMs = 20;

// Waits for something to read; false when it should stop.
bool wait_readable(int socket, const std::atomic<bool>& stopping) {
    while (!stopping) {
        pollfd waiting{socket, POLLIN, 0};
        if (poll(&waiting, 1, kPollMs) > 0) return true;
    }
    return false;
}

// Reads into `buffer` what is there; false at the end.
bool read_more(int socket, std::string& buffer, const std::atomic<bool>& stopping) {
    if (!wait_readable(socket, stopping)) return false;
    char bytes[65536];
    const ssize_t got = recv(socket, bytes, sizeof bytes, 0);
    if (got > 0) buffer.append(bytes, static_cast<size_t>(got));
    return got > 0;
}

FakeRequest parse_head(std::string_view head) {
    FakeRequest request;
    const auto lines = split(head, '\n');
    const auto words = split_any(lines[0], " \r");
    request.method = words.at(0);
    request.target = words.at(1);
    for (size_t i = 1; i < lines.size(); i++) {
        const size_t colon = lines[i].find(':');
        if (colon == std::string_view::npos) continue;
        request.headers[to_lower(lines[i].substr(0, colon))] = trim(lines[i].substr(colon + 1));
    }
    return request;
}

// The next whole request, removed from `buffer`; nothing at the end.
std::optional<FakeRequest> read_request(int socket, std::string& buffer, const std::atomic<bool>& stopping) {
    size_t end = 0;
    while ((end = buffer.find("\r\n\r\n")) == std::string::npos) {
        if (!read_more(socket, buffer, stopping)) return std::nullopt;
    }
    FakeRequest request = parse_head(std::string_view(buffer).substr(0, end));
    const auto length = request.headers.find("content-length");
    const size_t body =
        length == request.headers.end() ? 0 : std::strtoul(length->second.c_str(), nullptr, 10);
    while (buffer.size() < end + 4 + body) {
        if (!read_more(socket, buffer, stopping)) return std::nullopt;
    }
    request.body = buffer.substr(end + 4, body);
    buffer.erase(0, end + 4 + body);
    return request;
}

std::string text_of(const FakeReply& reply) {
    if (!reply.raw.empty()) return reply.raw;
    std::string text = "HTTP/1.1 " + std::to_string(reply.status) + " Said So\r\n";
    for (const auto& [name, value] : reply.headers)
        text.append(name).append(": ").append(value).append("\r\n");
    return text + "Content-Length: " + std::to_string(reply.body.size()) + "\r\n\r\n" + reply.body;
}

}  // namespace

FakeServer::FakeServer(Handler handler) : handler_(std::move(handler)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener_, 128) != 0)
        std::abort();
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
}

FakeServer::~FakeServer() {
    stopping_ = true;
    acceptor_.join();
    for (std::thread& thread : threads_) thread.join();
    close(listener_);
}

std::string FakeServer::url() const { return "http://127.0.0.1:" + std::to_string(port_); }

std::vector<FakeRequest> FakeServer::requests() const {
    const std::lock_guard guard(mutex_);
    return requests_;
}

void FakeServer::accept_all() {
    while (wait_readable(listener_, stopping_)) {
        const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0) continue;
        const int yes = 1;
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        const int number = ++connections_;
        threads_.emplace_back([this, socket, number] { serve(socket, number); });
    }
}

void FakeServer::serve(int socket, int number) {
    std::string buffer;
    while (auto request = read_request(socket, buffer, stopping_)) {
        request->connection = number;
        const int at_once = ++at_once_;
        for (int most = most_at_once_;
             most < at_once && !most_at_once_.compare_exchange_weak(most, at_once);) {
        }
        FakeReply reply;
        {
            const std::lock_guard guard(mutex_);
            requests_.push_back(*request);
            reply = handler_(*request);
        }
        const bool again = answer(socket, reply);
        at_once_--;
        if (!again) break;
    }
    close(socket);
}

bool FakeServer::answer(int socket, const FakeReply& reply) {
    if (reply.hold) {
        std::string rest;
        while (read_more(socket, rest, stopping_)) {
        }
        return false;
    }
    std::string text = text_of(reply);
    if (reply.cut_after >= 0) text.resize(std::min(text.size(), static_cast<size_t>(reply.cut_after)));
    for (size_t sent = 0; sent < text.size();) {
        const ssize_t count = send(socket, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
        if (count <= 0) return false;
        sent += static_cast<size_t>(count);
    }
    return !reply.close && reply.cut_after < 0;
}

}  // namespace godwit::test
