/// Names of nodes: DNS names (RFC 1123 subdomains), so that they fit a SPIFFE path and a label value.
package enum NodeName {
    /// The longest name of a node.
    package static let maximumLength = 253

    /// Whether `name` may name a node.
    package static func isValid(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        guard !bytes.isEmpty, bytes.count <= maximumLength else { return false }
        let alphanumeric: (UInt8) -> Bool = { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) }
        guard let first = bytes.first, let last = bytes.last, alphanumeric(first), alphanumeric(last) else {
            return false
        }
        var previous: UInt8 = 0x61
        for byte in bytes {
            let isDot = byte == 0x2e
            guard alphanumeric(byte) || byte == 0x2d || isDot else { return false }
            // No empty label, and none that begins or ends with a hyphen.
            if isDot, previous == 0x2e || previous == 0x2d { return false }
            if byte == 0x2d, previous == 0x2e { return false }
            previous = byte
        }
        return true
    }
}
