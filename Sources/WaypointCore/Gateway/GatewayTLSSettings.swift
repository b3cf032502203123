package import MeshModel
package import TLSEngine

/// What the `tls` of a Gateway's server means for OpenSSL, with the certificates of its Secrets (I 1.3). Pure.
package enum GatewayTLSSettings {
    /// Why a server has no settings: then its handshakes fail, since what is asked of clients could not be held.
    package struct Refusal: Error, Equatable, CustomStringConvertible {
        /// For the log, and for who looks at it.
        package let description: String
    }

    /// Protocols that HTTPS servers offer, the best first.
    package static let protocols = ["h2", "http/1.1"]

    /// The settings of a server; `secret` finds one of the gateway's namespace by its name.
    package static func make(
        _ tls: GatewaySpec.ServerTLS, isHTTP: Bool, secret: (String) -> SecretSpec?
    ) throws(Refusal) -> PublicTLSServerSettings {
        try refuseUnserved(tls)
        let names = [tls.credentialName].compactMap { $0 } + tls.credentialNames
        guard let first = names.first else {
            throw Refusal(
                description: "its certificates are files, which this version does not read: use credentialName")
        }
        var certificates: [TLSCertificate] = []
        for name in names {
            guard let found = secret(name) else { throw Refusal(description: "there is no Secret \(name)") }
            guard let chain = found.certificate, let key = found.privateKey else {
                throw Refusal(description: "the Secret \(name) has no tls.crt and tls.key")
            }
            certificates.append(TLSCertificate(chainPEM: text(chain), keyPEM: text(key)))
        }
        var settings = PublicTLSServerSettings(certificates: certificates)
        settings.protocols = isHTTP ? protocols : []
        settings.cipherSuites = tls.cipherSuites
        settings.lowest = tls.minProtocolVersion == .tls13 ? .tls13 : .tls12
        switch tls.maxProtocolVersion {
        case .tls10, .tls11:
            throw Refusal(description: "maxProtocolVersion is older than TLS 1.2, the oldest that is spoken")
        case .tls12: settings.highest = .tls12
        case .tls13, .automatic, nil: settings.highest = .tls13
        }
        let clients: TLSPeerNames = tls.subjectAltNames.isEmpty ? .any : .oneOf(tls.subjectAltNames)
        switch tls.effectiveMode {
        case .mutual: settings.clients = .required(try roots(tls, first, secret), clients)
        case .optionalMutual: settings.clients = .optional(try roots(tls, first, secret), clients)
        case .simple, .passthrough, .autoPassthrough, .istioMutual: settings.clients = .notAsked
        }
        return settings
    }

    /// What is asked of clients and cannot be held is no reason to let them in.
    private static func refuseUnserved(_ tls: GatewaySpec.ServerTLS) throws(Refusal) {
        let unserved = [
            ("caCrl", tls.caCrl != nil), ("verifyCertificateSpki", !tls.verifyCertificateSpki.isEmpty),
            ("verifyCertificateHash", !tls.verifyCertificateHash.isEmpty),
            ("insecureSkipVerify", tls.insecureSkipVerify == true),
        ]
        if let field = unserved.first(where: \.1)?.0 {
            throw Refusal(description: "\(field) is not served by this version")
        }
    }

    /// The roots of clients: of the Secret that is named for them, of the one beside the certificate's, or of that one itself.
    private static func roots(
        _ tls: GatewaySpec.ServerTLS, _ name: String, _ secret: (String) -> SecretSpec?
    ) throws(Refusal) -> TLSTrust {
        if let own = tls.caCertCredentialName {
            guard let found = secret(own)?.roots else {
                throw Refusal(description: "there is no Secret \(own) with ca.crt, by which clients are checked")
            }
            return .roots(text(found), revocations: nil)
        }
        let beside = name + SecretSpec.rootsSuffix
        guard let found = secret(beside)?.roots ?? secret(name)?.roots else {
            throw Refusal(
                description: "neither a Secret \(beside) nor \(name) has ca.crt, by which clients are checked")
        }
        return .roots(text(found), revocations: nil)
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
