#include "model/checksum.h"

#include <algorithm>

#include "base/sha256.h"
#include "base/text.h"

namespace godwit {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kPrefix = "sha256-";

}  // namespace

struct ChecksumBuilder::State {
    Sha256 hash;
    std::string head;        // The first bytes, until it is known whether they are a byte-order mark.
    bool head_done = false;
    bool after_cr = false;   // The last byte was CR; its LF was already counted.

    void add(std::string_view bytes) {
        while (!bytes.empty()) {
            if (after_cr) {
                after_cr = false;
                if (bytes.front() == '\n') bytes.remove_prefix(1);
            }
            const size_t cr = std::min(bytes.find('\r'), bytes.size());
            hash.update(bytes.substr(0, cr));
            bytes.remove_prefix(cr);
            if (bytes.empty()) return;
            hash.update("\n");
            bytes.remove_prefix(1);
            after_cr = true;
        }
    }
};

ChecksumBuilder::ChecksumBuilder() : state_(std::make_unique<State>()) {}
ChecksumBuilder::~ChecksumBuilder() = default;

void ChecksumBuilder::update(std::string_view bytes) {
    if (state_->head_done) return state_->add(bytes);
    state_->head.append(bytes);
    if (state_->head.size() < kByteOrderMark.size()) return;
    state_->head_done = true;
    std::string_view head = state_->head;
    if (head.starts_with(kByteOrderMark)) head.remove_prefix(kByteOrderMark.size());
    state_->add(head);
    state_->head.clear();
}

std::string ChecksumBuilder::finish() {
    if (!state_->head_done) state_->add(state_->head);
    const auto digest = state_->hash.finish();
    return std::string(kPrefix) + to_base64({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

bool checksum_matches(std::string_view stored, std::string_view computed) {
    if (stored.empty() || stored == computed) return true;
    if (stored.size() != 64 || !computed.starts_with(kPrefix)) return false;
    const std::string digest = from_base64(computed.substr(kPrefix.size()));
    return to_lower(stored) == to_hex(std::string_view(digest));
}

}  // namespace godwit
