// Lanes, from the newest migration to the oldest: each waits for the next
// migration of its branch. Where several wait for one they join above it; where
// one has several parents they part below it. A lane keeps its column to its end.
#include <algorithm>

#include "base/text.h"
#include "plan/drawing.h"

namespace godwit {
namespace {

using Index = Graph::Index;

// The characters of the lines, in ASCII and beyond.
struct Strokes {
    const char* lane;      // A branch that goes on.
    const char* across;    // Between two columns.
    const char* crossing;  // Across a branch.
    const char* fork;      // Where others join or part.
    const char* joins;     // A branch that ends in the one on its left,
    const char* joins_last;
    const char* parts;  // or begins there.
    const char* parts_last;
};
constexpr Strokes kLines = {"│", "─", "┼", "├", "┴", "╯", "┬", "╮"};
constexpr Strokes kAscii = {"|", "-", "+", "|", "'", "'", ".", "."};

constexpr size_t kMinDescription = 12;  // Below this width a description is not cut any further.

std::string_view mark_of(Standing standing, bool ascii) {
    switch (standing) {
        case Standing::kApplied:
            return ascii ? "*" : "●";
        case Standing::kPending:
        case Standing::kUnfinished:
            return ascii ? "o" : "○";
        case Standing::kFailed:
            return ascii ? "%" : "◐";
        case Standing::kOutOfOrder:
        case Standing::kEdited:
        case Standing::kMissing:
        case Standing::kOutdated:
            return ascii ? "!" : "◆";
    }
    return "?";
}

// The first `count` characters, the last of them "…" when there are more.
std::string cut(std::string_view text, size_t count, bool ascii) {
    if (code_points(text) <= count) return std::string(text);
    const std::string_view more = ascii ? "..." : "…";
    size_t left = count - std::min(count, code_points(more));
    size_t end = 0;
    while (end < text.size() && left > 0) {
        ++end;
        while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) ++end;
        --left;
    }
    return std::string(trim(text.substr(0, end))) + std::string(more);
}

class TextDrawing {
public:
    explicit TextDrawing(const Drawing& drawing)
        : drawing_(drawing), strokes_(drawing.options().ascii ? kAscii : kLines) {}

    std::string draw() {
        for (const std::string& database : drawing_.databases()) draw_database(database);
        return std::move(text_);
    }

private:
    static constexpr Index kFree = -1;

    void draw_database(const std::string& database) {
        std::vector<Index> migrations = drawing_.migrations(database);
        const auto without_file = drawing_.without_file(database);
        if (migrations.empty() && without_file.empty()) return;
        if (drawing_.databases().size() > 1)
            text_ += (text_.empty() ? "" : "\n") + printable(database) + ":\n";
        lanes_.clear();
        for (const StandingRow* row : without_file) {
            line(std::string(mark_of(row->standing, drawing_.options().ascii)) + "  " +
                 printable(row->id.version) + " (" + std::string(to_string(row->standing)) + ", no file)");
        }
        for (auto next = migrations.rbegin(); next != migrations.rend(); ++next) draw_migration(*next);
    }

    void draw_migration(Index index) {
        const size_t column = join_lanes(index);
        std::string left;
        const bool ascii = drawing_.options().ascii;
        const Standing standing = drawing_.state().row(drawing_.graph(), index).standing;
        for (size_t lane = 0; lane < lanes_.size(); ++lane) {
            if (lane > 0) left += " ";
            left += lane == column ? mark_of(standing, ascii) : lanes_[lane] == kFree ? " " : strokes_.lane;
        }
        describe(left + "  ", index);
        part_lanes(index, column);
    }

    // The column of `index`, after all lanes that wait for it have joined.
    size_t join_lanes(Index index) {
        std::vector<size_t> waiting;
        for (size_t lane = 0; lane < lanes_.size(); ++lane) {
            if (lanes_[lane] == index) waiting.push_back(lane);
        }
        if (waiting.empty()) return take_lane(index, 0);
        if (waiting.size() > 1) draw_link(waiting, strokes_.joins, strokes_.joins_last);
        for (size_t other = 1; other < waiting.size(); ++other) lanes_[waiting[other]] = kFree;
        drop_free_lanes();
        return waiting.front();
    }

    void part_lanes(Index index, size_t column) {
        std::vector<Index> parents;
        for (const Index parent : drawing_.graph().parents(index)) {
            if (drawing_.shows(parent)) parents.push_back(parent);
        }
        lanes_[column] = parents.empty() ? kFree : parents.front();
        std::vector<size_t> parted = {column};
        for (size_t other = 1; other < parents.size(); ++other)
            parted.push_back(take_lane(parents[other], column + 1));
        std::sort(parted.begin(), parted.end());
        if (parted.size() > 1) draw_link(parted, strokes_.parts, strokes_.parts_last);
        drop_free_lanes();
    }

    // A free lane at `from` or to its right.
    size_t take_lane(Index index, size_t from) {
        size_t lane = from;
        while (lane < lanes_.size() && lanes_[lane] != kFree) ++lane;
        if (lane == lanes_.size()) lanes_.push_back(kFree);
        lanes_[lane] = index;
        return lane;
    }

    void drop_free_lanes() {
        while (!lanes_.empty() && lanes_.back() == kFree) lanes_.pop_back();
    }

    // A line that links the first of `columns` with the others, over the lanes between.
    void draw_link(const std::vector<size_t>& columns, const char* middle, const char* last) {
        std::string link;
        for (size_t lane = 0; lane < lanes_.size(); ++lane) {
            const bool inside = lane > columns.front() && lane <= columns.back();
            if (lane > 0) link += inside ? strokes_.across : " ";
            if (lane == columns.front()) {
                link += strokes_.fork;
            } else if (lane == columns.back()) {
                link += last;
            } else if (std::count(columns.begin(), columns.end(), lane) > 0) {
                link += middle;
            } else if (lanes_[lane] == kFree) {
                link += inside ? strokes_.across : " ";
            } else {
                link += inside ? strokes_.crossing : strokes_.lane;
            }
        }
        line(std::string(link));
    }

    void describe(const std::string& left, Index index) {
        const Graph& graph = drawing_.graph();
        const Migration& migration = graph.at(index);
        const std::string version = left + printable(migration.id.version);
        std::string behind;
        const std::vector<std::string> remarks = drawing_.remarks(index);
        if (!remarks.empty()) behind += " (" + printable(join(remarks, ", ")) + ")";
        std::vector<std::string> needs;
        for (const Index other : graph.dependencies(index)) needs.push_back(graph.name(graph.at(other).id));
        if (!needs.empty()) behind += " needs " + printable(join(needs, ", "));
        std::string description = printable(migration.description);
        const size_t columns = drawing_.options().columns;
        if (columns > 0) {
            const size_t taken = code_points(version) + 1 + code_points(behind);
            description = cut(description, std::max(kMinDescription, columns - std::min(columns, taken)),
                              drawing_.options().ascii);
        }
        line(version + (description.empty() ? "" : " " + description) + behind);
    }

    void line(std::string text) {
        text.erase(text.find_last_not_of(' ') + 1);
        text_ += text + "\n";
    }

    const Drawing& drawing_;
    const Strokes& strokes_;
    std::vector<Index> lanes_;  // The migration that each lane waits for, or kFree.
    std::string text_;
};

}  // namespace

std::string draw_text(const Drawing& drawing) { return TextDrawing(drawing).draw(); }

}  // namespace godwit
