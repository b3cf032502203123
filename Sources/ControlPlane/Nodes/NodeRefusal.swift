package import GRPCCore

/// Why a node, or a request about one, is refused: what happened, to whom, and what to do.
package struct NodeRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// What callers tell apart; the raw value is the metric's label.
    package enum Code: String, Sendable {
        /// No node of this name.
        case unknown = "unknown_node"
        /// The node was cut off.
        case revoked
        /// The node is known, and this certificate is not one of its own any more.
        case superseded
        /// A bound was reached.
        case limit
        /// The request contradicts what is stored.
        case conflict
        /// The store did not answer.
        case unavailable = "store"
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    init(_ error: StoreError) {
        self.init(.unavailable, error.description)
    }

    package var description: String { message }

    /// As nodes are answered.
    package var rpcError: RPCError {
        switch code {
        case .unknown, .revoked, .superseded: RPCError(code: .permissionDenied, message: message)
        case .limit: RPCError(code: .resourceExhausted, message: message)
        case .conflict: RPCError(code: .failedPrecondition, message: message)
        case .unavailable: RPCError(code: .unavailable, message: message)
        }
    }
}
