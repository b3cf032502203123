/// Room for bytes that wait for the end of a turn: what one connection has used is the next one's, and an idle connection holds none.
struct PiecePool {
    /// Buffers kept at most, of as many bytes each as a channel gathers in one turn.
    private static let limit = 64

    private var spare: [[UInt8]] = []

    /// An empty buffer, with room if there is one with it.
    mutating func take() -> [UInt8] { spare.popLast() ?? [] }

    /// Gives a buffer back.
    mutating func give(_ used: inout [UInt8]) {
        used.removeAll(keepingCapacity: true)
        if spare.count < Self.limit { spare.append(used) }
        used = []
    }

    /// Frees what is kept.
    mutating func trim() { spare = [] }
}
