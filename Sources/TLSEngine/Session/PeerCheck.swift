internal import COpenSSL

/// The checks of Z 2.1 on a certificate whose chain, dates and key usage OpenSSL has accepted.
enum PeerCheck {
    /// Nil if `leaf` satisfies `verification`, else what is wrong, with the names that it carries.
    static func problem(
        _ leaf: OpaquePointer, _ names: CertificateNames, _ verification: TLSPeerVerification
    ) -> String? {
        switch verification {
        case .trustDomain(let domain):
            if names.uriNames.contains(where: { SPIFFEName.trustDomain(of: $0) == domain }) { return nil }
            return "peer certificate is for \(names.summary), expected an identity of the trust domain \(domain)"
        case .identities(let expected):
            if names.uriNames.contains(where: { expected.contains($0) }) { return nil }
            let wanted = expected.isEmpty ? "nobody: no identity is known for this destination" : list(expected)
            return "peer certificate is for \(names.summary), expected \(wanted)"
        case .hostname(let expected):
            if expected.contains(where: { unsafe matches(leaf, host: $0) }) { return nil }
            return "peer certificate is for \(names.summary), expected the host \(list(expected))"
        case .unverified: return nil
        }
    }

    /// The same for a peer outside the mesh.
    static func problem(_ leaf: OpaquePointer, _ names: CertificateNames, _ wanted: TLSPeerNames) -> String? {
        guard case .oneOf(let expected) = wanted else { return nil }
        for name in expected {
            if names.uriNames.contains(name) { return nil }
            if unsafe matchesName(leaf, name) { return nil }
        }
        let text = expected.isEmpty ? "nobody: no name is known for this destination" : list(expected)
        return "peer certificate is for \(names.summary), expected \(text)"
    }

    /// Nil if `leaf` is one of the pinned certificates, or nothing is pinned.
    static func problem(_ leaf: OpaquePointer, _ names: CertificateNames, _ pins: TLSCertificatePins) -> String? {
        guard !pins.isEmpty else { return nil }
        let own = unsafe CertificateDigest.ofCertificate(leaf)
        let key = unsafe CertificateDigest.ofKey(leaf)
        if let own, pins.certificates.contains(own) { return nil }
        if let key, pins.keys.contains(key) { return nil }
        let digest = own.map { CertificateDigest.text($0) } ?? "unknown"
        return
            "peer certificate is for \(names.summary), and neither its SHA-256 (\(digest)) nor that of its key is among those wanted"
    }

    private static func list(_ names: [String]) -> String { names.joined(separator: " or ") }

    private static func matches(_ leaf: OpaquePointer, host: String) -> Bool {
        if unsafe X509_check_ip_asc(leaf, host, 0) == 1 { return true }
        return unsafe X509_check_host(leaf, host, host.utf8.count, 0, nil) == 1
    }

    /// As `matches`, without the common name and wildcards for a part of a label.
    private static func matchesName(_ leaf: OpaquePointer, _ name: String) -> Bool {
        if unsafe X509_check_ip_asc(leaf, name, 0) == 1 { return true }
        let flags = UInt32(X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS)
        return unsafe X509_check_host(leaf, name, name.utf8.count, flags, nil) == 1
    }
}
