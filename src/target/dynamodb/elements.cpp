#include "target/dynamodb/elements.h"

#include <fmt/format.h>

#include "base/text.h"

namespace godwit::dynamodb {

SourceSpan Element::place(size_t at) const {
    SourceSpan start = reader->where();
    if (start.line == 0) return start;
    return godwit::advance(start, json.substr(0, std::min(at, json.size())));
}

std::string Element::name(const Request& request) const {
    return fmt::format("{}[{}]", request.streamed(), index);
}

Result<int64_t> for_each_element(const Request& request, const ItemSource& items, const Cancellation* cancellation,
                                 const std::function<Result<void>(const Element&)>& use) {
    const std::unique_ptr<ItemReader> reader = TRY(request.open(items));
    Element element;
    element.reader = reader.get();
    while (true) {
        element.json = TRY(reader->next());
        if (element.json.empty()) return element.index;
        if (cancellation != nullptr) CHECK(cancellation->check());
        CHECK(use(element));
        element.index++;
    }
}

Result<void> check_element(ItemChecker& checker, const Element& element, const Request& request) {
    auto fault = checker.check(element.json);
    if (!fault) return {};
    return fail(make_error(ErrorCode::kInvalidInput,
                           fmt::format("{} of {}: {}", element.name(request), request.type(), fault->message))
                    .at(element.place(fault->at)));
}

Result<void> check_element(const Shape& shape, const Element& element, const Request& request) {
    return check_shape(shape, element.json, element.name(request), TextPlace(element.json, element.place()));
}

Result<int64_t> check_items(TableWork& work, const Request& request, const ItemSource& items,
                            const std::vector<KeyAttribute>& keys, ItemRole role) {
    ItemChecker checker(keys, role);
    return for_each_element(request, items, work.service().cancellation, [&](const Element& element) {
        return check_element(checker, element, request);
    });
}

}  // namespace godwit::dynamodb
