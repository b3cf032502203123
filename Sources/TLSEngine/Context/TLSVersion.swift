internal import COpenSSL

/// Versions of TLS that are spoken with peers outside the mesh. Older ones are broken (RFC 8996).
package enum TLSVersion: Int, Hashable, Comparable, Sendable {
    case tls12 = 2
    case tls13 = 3

    /// The number on the wire, which is also OpenSSL's.
    var number: Int32 { self == .tls12 ? TLS1_2_VERSION : TLS1_3_VERSION }

    package static func < (left: TLSVersion, right: TLSVersion) -> Bool { left.rawValue < right.rawValue }
}
