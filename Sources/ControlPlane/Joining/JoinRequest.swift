import MeshModel

/// What a new node sends: the proof of its token, its name, and the request for its certificate.
package struct JoinRequest: Sendable, Hashable {
    package let tokenID: String
    package let secret: String
    package let node: String
    /// PKCS#10, PEM; names the node's URI.
    package let csr: String

    /// Reads the body of a request, which is bounded by `JoinLimits.requestBytes`. Nothing of it is repeated in the error: it
    /// may hold a secret.
    package init(_ body: [UInt8]) throws(JoinRefusal) {
        guard let value = try? JSONValue(parsing: body) else {
            throw JoinRefusal(.malformed, "the request is not JSON; join with ambitctl of the same version as ambitd")
        }
        guard let id = value["token"]?.asString, id.utf8.count == JoinToken.idLength,
            let secret = value["secret"]?.asString, secret.utf8.count == JoinToken.secretLength,
            let node = value["node"]?.asString, NodeName.isValid(node), let csr = value["csr"]?.asString
        else {
            throw JoinRefusal(
                .malformed,
                "the request lacks token, secret, node or csr, or one of them has another form; join with "
                    + "ambitctl of the same version as ambitd")
        }
        // The id goes into log lines as it is.
        guard id.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }) else {
            throw JoinRefusal(.malformed, "the token's id has characters that no id has")
        }
        tokenID = id
        self.secret = secret
        self.node = node
        self.csr = csr
    }
}
