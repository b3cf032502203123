/// A condition on a field of the request. Several values are joined by commas (I 2.2).
struct FieldCondition: Sendable {
    /// In lower case.
    let name: [UInt8]
    let condition: ValueCondition
    /// Whether it must not hold. A missing field then counts as an empty one, unless the condition is that it is there.
    let isInverted: Bool

    func holds(in fields: some RequestFields) -> Bool {
        var count = 0
        var matches = false
        fields.forEachValue(of: name) { value in
            count += 1
            if count == 1 { matches = condition.holds(for: value) }
        }
        if count > 1, case .present = condition {} else if count > 1 { matches = holdsForJoined(fields) }
        guard isInverted else { return count > 0 && matches }
        if count > 0 { return !matches }
        if case .present = condition { return true }
        return !condition.holds(for: Span())
    }

    private func holdsForJoined(_ fields: some RequestFields) -> Bool {
        var joined: [UInt8] = []
        var isFirst = true
        fields.forEachValue(of: name) { value in
            if !isFirst { joined.append(0x2c) }
            isFirst = false
            for index in value.indices { joined.append(value[index]) }
        }
        return condition.holds(for: joined.span)
    }
}
