package import MeshModel

/// One workload certificate that was issued to a node, as the store keeps it until it expires: what revoking needs.
///
/// The key orders by membership, then by expiry, so that one range is one node and its beginning is what may be forgotten.
package struct IssuedSerial: Sendable, Hashable {
    /// What the keys of the settings begin with.
    static let keyPrefix = "issued/"
    /// Seconds since 1970 have so many digits until the year 33658.
    private static let timeDigits = 12

    /// The membership (`NodeRecord.id`) that it was issued to.
    package let nodeID: String
    /// The node's name at that time.
    package let node: String
    /// Lower-case hexadecimal.
    package let serial: String
    /// Whose certificate it is.
    package let identity: SPIFFEIdentity
    /// Seconds since 1970.
    package let notAfter: Int64

    package init(nodeID: String, node: String, serial: String, identity: SPIFFEIdentity, notAfter: Int64) {
        self.nodeID = nodeID
        self.node = node
        self.serial = serial
        self.identity = identity
        self.notAfter = notAfter
    }

    /// The keys of one membership's certificates.
    static func prefix(of nodeID: String) -> String { "\(keyPrefix)\(nodeID)/" }

    var key: String {
        let time = String(max(0, notAfter))
        let padding = String(repeating: "0", count: max(0, Self.timeDigits - time.utf8.count))
        return "\(Self.prefix(of: nodeID))\(padding)\(time)/\(serial)"
    }

    var stored: [UInt8] { Array("\(node) \(identity.uri)".utf8) }

    /// Reads a setting; nil where it is none that `key` and `stored` made.
    init?(key: String, stored: [UInt8]) {
        let parts = key.split(separator: "/", omittingEmptySubsequences: false)
        let words = String(decoding: stored, as: UTF8.self).split(separator: " ")
        guard parts.count == 4, parts[0] == "issued", let notAfter = Int64(parts[2]), words.count == 2,
            let identity = SPIFFEIdentity(uri: String(words[1]))
        else { return nil }
        self.init(
            nodeID: String(parts[1]), node: String(words[0]), serial: String(parts[3]), identity: identity,
            notAfter: notAfter)
    }

    /// The expiry that a key names: what counting and forgetting need, without the value.
    static func expiry(ofKey key: String) -> Int64? {
        let parts = key.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count == 4 ? Int64(parts[2]) : nil
    }
}
