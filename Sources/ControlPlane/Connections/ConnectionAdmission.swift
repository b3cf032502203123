/// Decides which connections of one port are kept. Pure: ids in, decisions out; ids rise with time.
struct ConnectionAdmission: Sendable {
    /// What to do with a new connection.
    enum OnAccept: Hashable, Sendable {
        case keep
        /// Keep it, and close an older one that has proven nothing.
        case keepInsteadOf(UInt64)
        /// All others have proven who they are: close the new one.
        case refuse
    }

    private let limits: ConnectionLimits
    private var unproven: Set<UInt64> = []
    private var proven: Set<UInt64> = []

    init(_ limits: ConnectionLimits) {
        self.limits = limits
    }

    /// Open connections.
    var count: Int { unproven.count + proven.count }

    mutating func accept(_ id: UInt64) -> OnAccept {
        let isFull = count >= limits.maximumConnections
        guard isFull || unproven.count >= limits.maximumUnproven else {
            unproven.insert(id)
            return .keep
        }
        guard let oldest = unproven.min() else { return .refuse }
        unproven.remove(oldest)
        unproven.insert(id)
        return .keepInsteadOf(oldest)
    }

    /// The connection has proven who it is. One that was given up meanwhile stays given up.
    mutating func prove(_ id: UInt64) {
        if unproven.remove(id) != nil { proven.insert(id) }
    }

    /// Whether the connection is open and has proven nothing.
    func isUnproven(_ id: UInt64) -> Bool { unproven.contains(id) }

    mutating func close(_ id: UInt64) {
        unproven.remove(id)
        proven.remove(id)
    }
}
