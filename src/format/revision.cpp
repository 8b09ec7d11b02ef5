#include "format/revision.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/text.h"
#include "format/head.h"
#include "format/marker.h"
#include "format/script_migration.h"
#include "format/sections.h"

namespace godwit::format {
namespace {

constexpr int kHeadLines = 100;
constexpr size_t kHeadBytes = 16 * 1024;
constexpr std::string_view kRevisionId = "revision id:";
// What stands around a line of a head: comment signs, quotes of a docstring.
constexpr std::string_view kDecoration = " \t-*/#\"'";

constexpr std::array<std::string_view, 8> kKeys = {"revision id", "revises", "create date",  "branch labels",
                                                   "depends on",  "author",  "branch label", "message"};

// Cheap, to spare other files a look at each of their lines.
bool mentions_revision(std::string_view text) {
    constexpr std::string_view kEnd = "vision";
    return ::memmem(text.data(), text.size(), kEnd.data(), kEnd.size()) != nullptr ||
           ::memmem(text.data(), text.size(), "VISION", kEnd.size()) != nullptr;
}

std::string_view undecorated(std::string_view line) {
    const size_t first = std::min(line.find_first_not_of(kDecoration), line.size());
    return line.substr(first);
}

// The key that the line begins with; empty when there is none.
std::string_view key_in(std::string_view text) {
    const std::string_view key = trim(text.substr(0, std::min(text.find(':'), text.size())));
    const auto found = std::find_if(kKeys.begin(), kKeys.end(),
                                    [&](std::string_view each) { return equal_ignoring_case(each, key); });
    return found == kKeys.end() ? std::string_view() : *found;
}

// `Revises: None`, as people and Alembic's listings write it.
bool names_no_revision(std::string_view text) {
    return says_nothing(text) || equal_ignoring_case(text, "base") || equal_ignoring_case(text, "<base>");
}

// Everything up to `-- upgrade` is the head: comments, a block comment, a
// docstring, or bare `Key: value` lines.
class RevisionGrammar : public Grammar {
public:
    explicit RevisionGrammar(const FileScan& scan) : scan_(scan), head_(kKeys, {}) {}

    Result<std::optional<Direction>> on_comment(const CommentLine& comment) override {
        if (!in_prose()) {
            const std::optional<Direction> direction = section_marker(comment.text, kUpgradeDowngrade);
            if (!direction) CHECK(refuse_other_marker(comment));
            return direction;
        }
        const std::optional<Direction> direction =
            block_ == Block::kNone ? section_marker(comment.text, kUpgradeDowngrade) : std::nullopt;
        if (direction)
            in_head_ = false;
        else
            CHECK(on_head_line(comment.line));
        return direction;
    }

    Result<void> on_text(const Line& line) override { return in_head_ ? on_head_line(line) : Result<void>(); }
    bool in_prose() const override { return in_head_; }

    const HeadReader& head() const { return head_; }
    const std::string& message() const { return message_; }
    // Where the head's first key stands.
    const Spot& first_key() const { return first_key_; }

private:
    enum class Block : uint8_t { kNone, kComment, kDocstring };

    Result<void> refuse_other_marker(const CommentLine& comment) const {
        const std::string_view text = trim(comment.text);
        if (!equal_ignoring_case(text, "up") && !equal_ignoring_case(text, "down")) return {};
        return refuse(scan_.place(comment.line, comment.at - 2),
                      fmt::format("\"{}\" in a revision file", printable(text)),
                      "The sections of a revision start with `-- upgrade` and `-- downgrade`.");
    }

    Result<void> on_head_line(const Line& line) {
        const bool in_block = block_ != Block::kNone || opens_block(line.text);
        follow_block(line.text);
        const std::string_view begun = undecorated(line.text);
        const std::string_view text = in_block ? without_block_end(begun) : trim(begun);
        if (text.find_first_not_of("-=*#~_ \t") == std::string_view::npos) return {};
        const std::string_view key = key_in(text);
        if (key.empty() && !in_block && !line.is_comment() && (first_key_.known() || !message_.empty())) {
            return refuse(scan_.place(line, 0),
                          "a line that is neither head nor comment stands before `-- upgrade`",
                          "Put statements below `-- upgrade`, and text into comments.");
        }
        const size_t at = line.text.size() - begun.size();
        if (!key.empty()) CHECK(refuse_repeated(key, scan_.place(line, at)));
        if (!key.empty() && !first_key_.known()) first_key_ = scan_.spot(line, at);
        if (!head_.read(scan_, line, text, at) && message_.empty()) message_ = printable(text);
        return {};
    }

    // Which of two lines was meant is not for us to guess: they say where the revision stands.
    Result<void> refuse_repeated(std::string_view key, SourceSpan place) const {
        const Field* first = head_.find(key);
        if (first == nullptr || key == "author" || key == "message" || key == "create date") return {};
        return refuse(std::move(place),
                      fmt::format("a second `{}:`; the first is in line {}", key_as_written(key),
                                  first->front().spot.line),
                      "Keep one of the two; each revision has a file of its own.");
    }

    // "Revision ID" of "revision id".
    static std::string key_as_written(std::string_view key) {
        if (key == "revision id") return "Revision ID";
        std::string text(key);
        for (size_t at = 0; at < text.size(); ++at) {
            if (at == 0 || text[at - 1] == ' ') text[at] = to_upper(text.substr(at, 1)).front();
        }
        return text;
    }

    static std::string_view without_block_end(std::string_view text) {
        text = trim(text);
        if (text.ends_with("*/")) text.remove_suffix(2);
        while (text.ends_with('"') || text.ends_with('\'')) text.remove_suffix(1);
        return trim(text);
    }

    bool opens_block(std::string_view line) const {
        const std::string_view text = trim(line);
        return text.starts_with("/*") || text.starts_with("\"\"\"") || text.starts_with("'''");
    }

    void follow_block(std::string_view line) {
        std::string_view text = trim(line);
        if (block_ == Block::kNone) {
            if (!opens_block(line)) return;
            block_ = text.starts_with("/*") ? Block::kComment : Block::kDocstring;
            quote_ = text.substr(0, 3);
            text.remove_prefix(block_ == Block::kComment ? 2 : 3);
        }
        const std::string_view close =
            block_ == Block::kComment ? std::string_view("*/") : std::string_view(quote_);
        if (text.find(close) != std::string_view::npos) block_ = Block::kNone;
    }

    const FileScan& scan_;
    HeadReader head_;
    std::string message_;
    std::string quote_;
    Block block_ = Block::kNone;
    bool in_head_ = true;
    Spot first_key_;
};

Result<std::string> revision_id(const FileScan& scan, const RevisionGrammar& grammar) {
    const Field* field = grammar.head().find("revision id");
    std::string id = field == nullptr ? std::string() : text_of(*field);
    const SourceSpan where =
        field == nullptr ? SourceSpan{scan.shown()} : field->front().spot.in(scan.shown());
    if (id.empty()) {
        return refuse(where, "`Revision ID:` is empty",
                      "Write an id, such as the 12 digits `godwit revision` makes.");
    }
    if (const std::string fault = revision_id_fault(id); !fault.empty()) {
        return refuse(where, fault,
                      "Ids are made of letters, digits, `_`, `-` and `.`; 12 hexadecimal digits are usual.");
    }
    return id;
}

// "add_users" of "e6239818bb3a_add_users.sql".
std::string_view name_behind_id(std::string_view name, std::string_view id) {
    const std::string_view stem = without_ending(name, ".sql").value_or(name);
    if (stem == id) return {};
    return stem.starts_with(id) && stem[id.size()] == '_' ? stem.substr(id.size() + 1) : stem;
}

Result<void> take_parents(const RevisionGrammar& grammar, Migration& migration) {
    migration.explicit_parents = true;
    const Field* revises = grammar.head().find("revises");
    if (revises == nullptr) {
        return refuse(
            grammar.first_key().in(migration.where.file), "a revision without a `Revises:` line",
            "Write `Revises:` with the id of its parent, or `Revises: None` for the first revision.");
    }
    for (RawReference& parent : references_in(*revises, migration.where.file, false)) {
        if (names_no_revision(parent.text)) continue;
        if (const std::string fault = revision_id_fault(parent.text); !fault.empty()) {
            return refuse(parent.where, fault,
                          "Write the id of the parent, several with commas between them.");
        }
        const bool repeated =
            std::any_of(migration.parents.begin(), migration.parents.end(),
                        [&](const Reference& each) { return each.id.version == parent.text; });
        if (repeated) {
            return refuse(parent.where, fmt::format("parent {} is named twice", parent.text),
                          "Name it once.");
        }
        migration.parents.push_back({{"", std::move(parent.text)}, std::move(parent.where)});
    }
    return {};
}

}  // namespace

std::string revision_id_fault(std::string_view id) {
    constexpr std::array<std::string_view, 4> kReserved = {"head", "heads", "base", "current"};
    if (std::find(kReserved.begin(), kReserved.end(), to_lower(id)) != kReserved.end()) {
        return fmt::format("\"{}\" is a word of addresses and cannot be a revision id", id);
    }
    // `+`, `-`, `@` and `:` have a meaning in addresses: rev+1, -1, label@head, a:b.
    const bool odd =
        id.empty() || id.front() == '-' || id.find_first_of(" \t,@+:'\"()[]<>/\\") != std::string_view::npos;
    if (odd) return fmt::format("\"{}\" cannot be a revision id", printable(id));
    if (id.size() > kLongestVersion)
        return fmt::format("\"{}\" is longer than {} characters", printable(id), kLongestVersion);
    return {};
}

bool recognises_revision(const Source& source, const Head& first) {
    if (source.kind != SourceKind::kPlain) return false;
    std::string_view head = first.text.substr(0, kHeadBytes);
    if (!mentions_revision(head)) return false;
    for (int line = 0; line < kHeadLines && !head.empty(); ++line) {
        const size_t end = std::min(head.find('\n'), head.size());
        const std::string_view text = head.substr(0, end);
        head.remove_prefix(std::min(end + 1, head.size()));
        const std::string_view plain = undecorated(text);
        if (equal_ignoring_case(plain.substr(0, kRevisionId.size()), kRevisionId)) return true;
        // A statement has ended: what follows is no head.
        if (trim(text).ends_with(';') && !trim(text).starts_with("--")) return false;
    }
    return false;
}

Result<void> read_revision(const Source& source, FileScan& scan, ReadMigration& out) {
    RevisionGrammar grammar(scan);
    ChecksumBuilder checksum;
    const SectionedFile file = TRY(read_sections(scan, grammar, checksum));
    const std::string id = TRY(revision_id(scan, grammar));
    if (!file.up) {
        return refuse({file.facts.shown}, "a revision without an upgrade section",
                      "Start it with a line `-- upgrade` below the head.");
    }
    Migration& migration = out.migration;
    migration.checksum = checksum.finish();
    migration.where.file = file.facts.shown;
    CHECK(take_parents(grammar, migration));
    CHECK(take_script(source, scan, file, {.may_be_empty = true}, out));
    migration.id.version = id;
    migration.scheme = Scheme::kRevision;
    migration.where = grammar.first_key().in(file.facts.shown);
    const auto text_in = [&](std::string_view key) {
        const Field* field = grammar.head().find(key);
        return field == nullptr ? std::string() : text_of(*field);
    };
    migration.created = text_in("create date");
    migration.author = text_in("author");
    std::string message = text_in("message");
    if (message.empty()) message = grammar.message();
    migration.description =
        message.empty() ? description_in_name(name_behind_id(source.script, id)) : std::move(message);
    for (const std::string_view key : {"branch labels", "branch label"}) {
        const Field* field = grammar.head().find(key);
        if (field == nullptr) continue;
        for (RawReference& label : references_in(*field, file.facts.shown, false)) {
            if (migration.labels.empty()) migration.labels_where = label.where;
            migration.labels.push_back(std::move(label.text));
        }
    }
    if (const Field* field = grammar.head().find("depends on"); field != nullptr) {
        for (RawReference& each : references_in(*field, file.facts.shown, false))
            out.depends_on.push_back(std::move(each));
    }
    return {};
}

std::optional<std::string> python_revision_id(std::string_view head) {
    for (const std::string_view line : split(head, '\n')) {
        if (!line.starts_with("revision")) continue;
        const size_t equals = line.find('=');
        if (equals == std::string_view::npos) continue;
        const std::string_view name = trim(line.substr(0, equals));
        if (name != "revision" && !name.starts_with("revision:") && !name.starts_with("revision :")) continue;
        const std::vector<ListItem> items = list_items(line.substr(equals + 1));
        if (!items.empty()) return items.front().text;
    }
    return std::nullopt;
}

}  // namespace godwit::format
