package import MeshModel

/// The names that make a workload's identity, as PROXY_WORKLOAD_INFO gives them: `namespace/name/service-account`.
package struct WorkloadReference: Hashable, Sendable {
    /// The mesh namespace.
    package let namespace: String
    /// The workload's name.
    package let name: String
    /// The service account.
    package let serviceAccount: String

    /// Names a workload.
    package init(namespace: String, name: String, serviceAccount: String) {
        self.namespace = namespace
        self.name = name
        self.serviceAccount = serviceAccount
    }

    /// Reads `namespace/name/service-account`; nil unless all three are names (RFC 1123 labels).
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, parts.allSatisfy(Self.isName) else { return nil }
        self.init(namespace: parts[0], name: parts[1], serviceAccount: parts[2])
    }

    /// `namespace/name`, for people.
    package var text: String { "\(namespace)/\(name)" }

    /// The identity that the workload's certificate carries.
    package func identity(trustDomain: String) -> SPIFFEIdentity {
        SPIFFEIdentity(trustDomain: trustDomain, namespace: namespace, serviceAccount: serviceAccount)
    }

    /// Whether `text` is a name that a resource may have: lower-case letters, digits, `-` and `.`, up to 253 bytes,
    /// beginning and ending with a letter or digit.
    package static func isName(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        func isWord(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte) }
        guard let first = bytes.first, let last = bytes.last, bytes.count <= 253, isWord(first), isWord(last) else {
            return false
        }
        return bytes.allSatisfy { isWord($0) || $0 == 0x2d || $0 == 0x2e }
    }
}
