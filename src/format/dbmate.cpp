#include "format/dbmate.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "format/script_migration.h"
#include "format/sections.h"
#include "model/checksum.h"

namespace godwit::format {
namespace {

constexpr std::string_view kUp = "migrate:up";
constexpr std::string_view kDown = "migrate:down";

// The marker's word at the start of a comment: it ends with the line or a blank.
bool begins_with_word(std::string_view comment, std::string_view word) {
    const std::string_view text = trim(comment);
    if (!equal_ignoring_case(text.substr(0, word.size()), word)) return false;
    return text.size() == word.size() || text[word.size()] == ' ' || text[word.size()] == '\t';
}

class DbmateGrammar : public Grammar {
public:
    explicit DbmateGrammar(const FileScan& scan) : scan_(scan) {}

    Result<std::optional<Direction>> on_comment(const CommentLine& comment) override {
        const bool up = begins_with_word(comment.text, kUp);
        if (!up && !begins_with_word(comment.text, kDown)) {
            const std::string_view text = trim(comment.text);
            if (!equal_ignoring_case(text.substr(0, 8), "migrate:")) return std::nullopt;
            return refuse(scan_.place(comment.line, comment.at - 2),
                          fmt::format("unknown marker \"{}\"", printable(text)),
                          "dbmate knows `-- migrate:up` and `-- migrate:down`.");
        }
        const std::string_view options = trim(comment.text).substr(up ? kUp.size() : kDown.size());
        for (const std::string_view option : split_any(options, " \t")) CHECK(take_option(comment, option));
        return up ? Direction::kUp : Direction::kDown;
    }

    bool no_transaction() const { return no_transaction_; }

private:
    Result<void> take_option(const CommentLine& comment, std::string_view option) {
        if (equal_ignoring_case(option, "transaction:true")) return {};
        if (equal_ignoring_case(option, "transaction:false")) {
            no_transaction_ = true;
            return {};
        }
        const auto at = static_cast<size_t>(option.data() - comment.line.text.data());
        return refuse(scan_.place(comment.line, at), fmt::format("unknown option \"{}\"", printable(option)),
                      "The one option is transaction:false.");
    }

    const FileScan& scan_;
    bool no_transaction_ = false;
};

}  // namespace

bool recognises_dbmate(const Source& source, const Head& head) {
    return source.kind == SourceKind::kPlain && source.version &&
           std::any_of(head.comments.begin(), head.comments.end(), [](std::string_view comment) {
               return begins_with_word(comment, kUp) || begins_with_word(comment, kDown);
           });
}

Result<void> read_dbmate(const Source& source, FileScan& scan, ReadMigration& out) {
    DbmateGrammar grammar(scan);
    ChecksumBuilder checksum;
    const SectionedFile file = TRY(read_sections(scan, grammar, checksum));
    if (!file.up) {
        return refuse({file.facts.shown}, "a dbmate file without an up section",
                      "Start it with a line `-- migrate:up`.");
    }
    out.migration.checksum = checksum.finish();
    CHECK(take_script(source, scan, file, {}, out));
    if (grammar.no_transaction()) out.migration.options.transaction = TransactionWish::kOff;
    return {};
}

}  // namespace godwit::format
