package import MeshModel

/// Why a join is refused: what happened, and what to do. Only who proved the token's secret is told more than that it is wrong.
package struct JoinRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// What callers tell apart; the raw value is the reason on the wire, and the metric's label.
    package enum Code: String, Sendable {
        /// Not a request that can be read.
        case malformed
        /// No such token, or not its secret.
        case wrongToken = "wrong_token"
        /// The token's time is over.
        case expiredToken = "expired_token"
        /// Somebody has joined with it.
        case usedToken = "used_token"
        /// The token is for another node.
        case otherNode = "other_node"
        /// A node of this name is there.
        case nameTaken = "name_taken"
        /// Too many requests, or too many wrong ones.
        case rate
        /// ambitd cannot sign or store.
        case unavailable
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }

    /// The HTTP status.
    package var status: Int {
        switch code {
        case .malformed: 400
        case .wrongToken: 401
        case .expiredToken, .usedToken: 410
        case .otherNode: 403
        case .nameTaken: 409
        case .rate: 429
        case .unavailable: 503
        }
    }

    /// The body of the answer.
    package var document: JSONValue {
        .object(["reason": .string(code.rawValue), "message": .string(message)])
    }
}
