#include "format/goose.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "format/script_migration.h"
#include "format/sections.h"
#include "model/checksum.h"

namespace godwit::format {
namespace {

constexpr std::string_view kPrefix = "+goose";

// What follows `+goose` in a comment, or nothing.
std::optional<std::string_view> annotation(std::string_view comment) {
    const std::string_view text = trim(comment);
    if (!equal_ignoring_case(text.substr(0, kPrefix.size()), kPrefix)) return std::nullopt;
    return trim(text.substr(kPrefix.size()));
}

class GooseGrammar : public Grammar {
public:
    explicit GooseGrammar(const FileScan& scan) : scan_(scan) {}

    Result<std::optional<Direction>> on_comment(const CommentLine& comment) override {
        const std::optional<std::string_view> text = annotation(comment.text);
        if (!text) return std::nullopt;
        const auto is = [&](std::string_view name) { return equal_ignoring_case(*text, name); };
        const bool section = is("Up") || is("Down");
        if (section || is("StatementBegin") || is("StatementEnd")) {
            CHECK(follow_statement(is("StatementBegin"), is("StatementEnd"),
                                   scan_.spot(comment.line, comment.at - 2)));
        }
        if (section) return is("Up") ? Direction::kUp : Direction::kDown;
        if (is("StatementBegin") || is("StatementEnd") || is("ENVSUB OFF")) return std::nullopt;
        if (is("NO TRANSACTION")) {
            no_transaction_ = true;
            return std::nullopt;
        }
        const SourceSpan place = scan_.place(comment.line, comment.at - 2);
        if (is("ENVSUB ON")) {
            return refuse(place,
                          "`-- +goose ENVSUB ON` is not supported: the text of a migration would depend on "
                          "the environment",
                          "Write the values into the file, and remove the line.");
        }
        const std::optional<std::string> meant =
            nearest(*text, {"Up", "Down", "StatementBegin", "StatementEnd", "NO TRANSACTION"});
        return refuse(place, fmt::format("unknown annotation \"+goose {}\"", printable(*text)),
                      meant ? fmt::format("Did you mean `-- +goose {}`?", *meant)
                            : "goose knows Up, Down, StatementBegin, StatementEnd and NO TRANSACTION.");
    }

    bool no_transaction() const { return no_transaction_; }

    // At the end of a section and of the file: goose would refuse what is still open there.
    Result<void> check_ended() const {
        if (!statement_.known()) return {};
        return refuse(statement_.in(scan_.shown()),
                      "`-- +goose StatementBegin` without its `-- +goose StatementEnd`",
                      "Write `-- +goose StatementEnd` behind the statement, or remove the line.");
    }

private:
    // The splitter finds the ends of statements without these lines; but they must be in order.
    Result<void> follow_statement(bool begins, bool ends, const Spot& spot) {
        if (!ends) CHECK(check_ended());
        if (ends && !statement_.known()) {
            return refuse(spot.in(scan_.shown()),
                          "`-- +goose StatementEnd` without a `-- +goose StatementBegin` before it",
                          "Write `-- +goose StatementBegin` ahead of the statement, or remove the line.");
        }
        statement_ = begins ? spot : Spot{};
        return {};
    }

    const FileScan& scan_;
    Spot statement_;  // The StatementBegin that is not ended; unknown when there is none.
    bool no_transaction_ = false;
};

}  // namespace

bool recognises_goose(const Source& source, const Head& head) {
    return source.kind == SourceKind::kPlain && source.version &&
           std::any_of(head.comments.begin(), head.comments.end(),
                       [](std::string_view comment) { return annotation(comment).has_value(); });
}

Result<void> read_goose(const Source& source, FileScan& scan, ReadMigration& out) {
    GooseGrammar grammar(scan);
    ChecksumBuilder checksum;
    const SectionedFile file = TRY(read_sections(scan, grammar, checksum));
    CHECK(grammar.check_ended());
    if (!file.up) {
        return refuse({file.facts.shown}, "a goose file without an up section",
                      "Start it with a line `-- +goose Up`.");
    }
    out.migration.checksum = checksum.finish();
    CHECK(take_script(source, scan, file, {}, out));
    if (grammar.no_transaction()) out.migration.options.transaction = TransactionWish::kOff;
    return {};
}

}  // namespace godwit::format
