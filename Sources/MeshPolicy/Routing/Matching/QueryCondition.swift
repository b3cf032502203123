/// A condition on the first value of a parameter of the query.
struct QueryCondition: Sendable {
    let name: [UInt8]
    let condition: ValueCondition

    func holds(for path: Span<UInt8>) -> Bool {
        guard let range = QueryString.firstValue(of: name, in: path) else { return false }
        return condition.holds(for: path.extracting(range))
    }
}
