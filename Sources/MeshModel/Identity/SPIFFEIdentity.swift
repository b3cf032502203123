/// A workload's identity in the form that Istio gives it: `spiffe://<trust domain>/ns/<namespace>/sa/<service account>`.
///
/// No other SPIFFE id is an identity of this mesh (Z 2.1).
package struct SPIFFEIdentity: Hashable, Sendable, CustomStringConvertible {
    /// The trust domain, such as "cluster.local".
    package let trustDomain: String
    /// The namespace.
    package let namespace: String
    /// The service account.
    package let serviceAccount: String

    /// The identity of a service account. The parts are taken as they are.
    package init(trustDomain: String, namespace: String, serviceAccount: String) {
        self.trustDomain = trustDomain
        self.namespace = namespace
        self.serviceAccount = serviceAccount
    }

    /// Parses the exact form; nil for any other URI, an empty part, or a character that SPIFFE does not allow.
    package init?(uri: String) {
        guard uri.utf8.count <= 2048, uri.hasPrefix(Self.scheme) else { return nil }
        let parts = uri.dropFirst(Self.scheme.count).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[1] == "ns", parts[3] == "sa", Self.isSegment(parts[0]), Self.isSegment(parts[2]),
            Self.isSegment(parts[4])
        else { return nil }
        self.init(trustDomain: String(parts[0]), namespace: String(parts[2]), serviceAccount: String(parts[4]))
    }

    /// The SPIFFE id.
    package var uri: String { Self.scheme + principal }

    /// The form in which authorization policies name it: the id without its scheme.
    package var principal: String { "\(trustDomain)/ns/\(namespace)/sa/\(serviceAccount)" }

    /// The TLS server name by which a server that hosts several workloads on one address picks the certificate (D4); nil where
    /// it would be longer than TLS allows (RFC 6066 section 3: a DNS name, 255 bytes).
    package var serverName: String? {
        let name = "\(serviceAccount).\(namespace).\(trustDomain)"
        return name.utf8.count <= 255 ? name : nil
    }

    package var description: String { uri }

    private static let scheme = "spiffe://"

    /// SPIFFE-ID section 2: letters, digits, dots, dashes and underscores; not "." or "..".
    private static func isSegment(_ text: Substring) -> Bool {
        guard !text.isEmpty, text != ".", text != ".." else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }
}
