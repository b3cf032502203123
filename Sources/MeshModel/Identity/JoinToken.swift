/// What an administrator carries from the control host to a new node: who may join, the secret that proves it, and the pin that
/// proves the control host (DESIGN D7).
///
/// Text form: `ambit1_<id>_<secret>_<pin>_<node>_<address>[,<address>...]`. The parts hold no `_`, so nothing is escaped; the
/// node's name and the addresses can be read, and leak scanners find the prefix. Pure; parsing is bounded by `longestText`.
package struct JoinToken: Sendable, Hashable {
    /// Why a text is no token.
    package struct Problem: Error, Sendable, Hashable, CustomStringConvertible {
        package let description: String
    }

    /// What every token begins with: the version of the form.
    package static let prefix = "ambit1"
    /// Hexadecimal digits of the id, of the secret (256 bits) and of the pin (SHA-256).
    package static let idLength = 12
    package static let secretLength = 64
    package static let pinLength = 64
    /// Addresses that one token may name.
    package static let addressLimit = 8
    /// Bytes of a token; longer texts are not looked at.
    package static let longestText = 2_048

    /// Names the token in lists and logs; no secret.
    package let id: String
    /// Known to the token's bearer alone; ambitd keeps its hash.
    package let secret: String
    /// SHA-256 of the subject public key info (RFC 5280 4.1.2.7) of the mesh's root, hexadecimal.
    package let rootPin: String
    /// The node that may join with it.
    package let node: String
    /// Where ambitd takes joins, `host:port`; at least one.
    package let addresses: [String]

    /// Takes parts that are known to be well formed by their maker; `nil` where they are not.
    package init?(id: String, secret: String, rootPin: String, node: String, addresses: [String]) {
        guard Self.isHexadecimal(id, Self.idLength), Self.isHexadecimal(secret, Self.secretLength),
            Self.isHexadecimal(rootPin, Self.pinLength), NameRules.subdomain(node) == nil, !addresses.isEmpty,
            addresses.count <= Self.addressLimit, addresses.allSatisfy({ Self.host(of: $0) != nil })
        else { return nil }
        self.id = id
        self.secret = secret
        self.rootPin = rootPin
        self.node = node
        self.addresses = addresses
    }

    /// Reads the text form; surrounding white space is what copying left and is ignored.
    package init(parsing text: String) throws(Problem) {
        guard text.utf8.count <= Self.longestText else {
            throw Problem(description: "it is longer than \(Self.longestText) characters")
        }
        var bytes = Array(text.utf8)[...]
        while let last = bytes.last, last <= 0x20 { bytes.removeLast() }
        while let first = bytes.first, first <= 0x20 { bytes.removeFirst() }
        let parts = bytes.split(separator: UInt8(ascii: "_"), omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        guard parts.first == Self.prefix else {
            throw Problem(description: "it does not begin with \(Self.prefix)_; copy the whole line that was printed")
        }
        guard parts.count == 6 else {
            throw Problem(description: "it has \(parts.count) of 6 parts; copy the whole line that was printed")
        }
        let addresses = parts[5].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard
            let token = JoinToken(
                id: parts[1], secret: parts[2], rootPin: parts[3], node: parts[4], addresses: addresses)
        else {
            throw Problem(description: "a part of it is damaged; copy the whole line that was printed")
        }
        self = token
    }

    /// The text form, secret included: printed once.
    package var text: String {
        ([Self.prefix, id, secret, rootPin, node] + [addresses.joined(separator: ",")]).joined(separator: "_")
    }

    /// The host of `host:port` or `[IPv6]:port`, without brackets; nil where it is neither.
    package static func host(of address: String) -> String? {
        guard let colon = address.lastIndex(of: ":"), let port = UInt16(address[address.index(after: colon)...]),
            port > 0
        else { return nil }
        let host = address[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            let literal = String(host.dropFirst().dropLast())
            guard let parsed = IPAddress(literal), !parsed.isIPv4 else { return nil }
            return literal
        }
        // An underscore would break the token's text form; host names of servers have none (RFC 1123).
        guard !host.contains(":"), !host.contains("_"), !host.contains(","),
            NameRules.host(String(host), allowsWildcard: false) == nil || IPAddress(String(host)) != nil
        else { return nil }
        return String(host)
    }

    private static func isHexadecimal(_ text: String, _ length: Int) -> Bool {
        text.utf8.count == length
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}

extension JoinToken: CustomStringConvertible, CustomDebugStringConvertible {
    /// Without the secret, so that no log line holds it.
    package var description: String { "token \(id) for node \(node)" }
    package var debugDescription: String { description }
}
