/// The room of a list that is filled and emptied again and again, kept for the next time. A value of its owner's.
struct SpareList<Element> {
    private var spare: [Element] = []

    /// An empty list, with the room that there is.
    mutating func take() -> [Element] {
        defer { spare = [] }
        return spare
    }

    /// Gives a list back; the larger room is kept.
    mutating func give(_ used: inout [Element]) {
        used.removeAll(keepingCapacity: true)
        if used.capacity > spare.capacity { spare = used }
        used = []
    }
}
