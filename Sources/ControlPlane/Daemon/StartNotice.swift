/// Tells, once, that ambitd serves: when each of its servers listens.
actor StartNotice {
    /// The servers that must listen.
    enum Server: CaseIterable {
        case resources
        case nodes
        case joins
    }

    private var missing = Set(Server.allCases)
    private let onServing: @Sendable () -> Void

    init(_ onServing: @escaping @Sendable () -> Void) {
        self.onServing = onServing
    }

    /// A server listens.
    func listens(_ server: Server) {
        guard missing.remove(server) != nil, missing.isEmpty else { return }
        onServing()
    }
}
