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

    /// The settings of a server; `secret` finds one of the gateway's namespace by its name, `file` reads one of its host.
    package static func make(
        _ tls: GatewaySpec.ServerTLS, isHTTP: Bool, secret: (String) -> SecretSpec?,
        file: (String) throws(TLSError) -> String
    ) throws(Refusal) -> PublicTLSServerSettings {
        let certificates = try tls.namesSecrets ? certificates(tls, secret: secret) : certificates(tls, file: file)
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
        // What is asked of clients and cannot be held is no reason to let them in.
        let demands = tls.clientDemands.filter { $0 != "subjectAltNames" || tls.asksClients }
        if let demand = demands.first, !tls.asksClients || tls.insecureSkipVerify == true {
            let reason =
                tls.asksClients ? "insecureSkipVerify would take any" : "\(tls.effectiveMode.rawValue) asks for none"
            throw Refusal(
                description: "\(demand) is about certificates of clients, and \(reason): remove one of the two")
        }
        guard tls.asksClients else { return settings }
        let isRequired = tls.effectiveMode == .mutual
        guard tls.insecureSkipVerify != true else {
            settings.clients = .unverified(isRequired: isRequired)
            return settings
        }
        let names: TLSPeerNames = tls.subjectAltNames.isEmpty ? .any : .oneOf(tls.subjectAltNames)
        let trust = try trust(tls, secret: secret, file: file)
        settings.clients = isRequired ? .required(trust, names) : .optional(trust, names)
        settings.pins = try pins(tls)
        return settings
    }

    // MARK: certificates

    private static func certificates(
        _ tls: GatewaySpec.ServerTLS, secret: (String) -> SecretSpec?
    ) throws(Refusal) -> [TLSCertificate] {
        var certificates: [TLSCertificate] = []
        for name in tls.secretNames.prefix(GatewaySpec.ServerTLS.mostCertificates) {
            guard let found = secret(name) else { throw Refusal(description: "there is no Secret \(name)") }
            guard let chain = found.certificate, let key = found.privateKey else {
                throw Refusal(description: "the Secret \(name) has no tls.crt and tls.key")
            }
            certificates.append(TLSCertificate(chainPEM: text(chain), keyPEM: text(key)))
        }
        return certificates
    }

    private static func certificates(
        _ tls: GatewaySpec.ServerTLS, file: (String) throws(TLSError) -> String
    ) throws(Refusal) -> [TLSCertificate] {
        var certificates: [TLSCertificate] = []
        for pair in tls.pairs {
            guard let chain = pair.serverCertificate, let key = pair.privateKey else {
                throw Refusal(
                    description: "it has no certificate: write credentialName, or serverCertificate and privateKey")
            }
            certificates.append(TLSCertificate(chainPEM: try read(chain, file), keyPEM: try read(key, file)))
        }
        return certificates
    }

    // MARK: clients

    /// The roots of clients: of the Secret that is named for them, of the one beside the certificate's, or of that one itself; else
    /// of files. Lists of revocations stand beside the roots, unless a file of them is named.
    private static func trust(
        _ tls: GatewaySpec.ServerTLS, secret: (String) -> SecretSpec?, file: (String) throws(TLSError) -> String
    ) throws(Refusal) -> TLSTrust {
        var roots: [String] = []
        var revocations: String?
        if let found = try rootsSecret(tls, secret) {
            roots = [found.roots.map(text)].compactMap { $0 }
            revocations = found.revocations.map(text)
        } else {
            for path in tls.rootFiles { roots.append(try read(path, file)) }
        }
        guard !roots.isEmpty else {
            throw Refusal(description: "nothing is named by which clients are checked: write caCertificates")
        }
        if let path = tls.caCrl { revocations = try read(path, file) }
        return .roots(roots.joined(separator: "\n"), revocations: revocations)
    }

    /// The Secret with the roots of clients; nil where they are in files.
    private static func rootsSecret(
        _ tls: GatewaySpec.ServerTLS, _ secret: (String) -> SecretSpec?
    ) throws(Refusal) -> SecretSpec? {
        if let own = tls.caCertCredentialName {
            guard let found = secret(own), found.roots != nil else {
                throw Refusal(description: "there is no Secret \(own) with ca.crt, by which clients are checked")
            }
            return found
        }
        guard let name = tls.secretNames.first else { return nil }
        let beside = name + SecretSpec.rootsSuffix
        for candidate in [secret(beside), secret(name)] {
            if let candidate, candidate.roots != nil { return candidate }
        }
        guard !tls.rootFiles.isEmpty else {
            throw Refusal(
                description: "neither a Secret \(beside) nor \(name) has ca.crt, by which clients are checked")
        }
        return nil
    }

    private static func pins(_ tls: GatewaySpec.ServerTLS) throws(Refusal) -> TLSCertificatePins {
        var pins = TLSCertificatePins()
        for text in tls.verifyCertificateSpki {
            guard let digest = SHA256Digest(base64: text) else {
                throw Refusal(description: "verifyCertificateSpki: \(text) is no SHA-256 in base64")
            }
            pins.keys.insert(digest.bytes)
        }
        for text in tls.verifyCertificateHash {
            guard let digest = SHA256Digest(hexadecimal: text) else {
                throw Refusal(description: "verifyCertificateHash: \(text) is no SHA-256 in hexadecimal")
            }
            pins.certificates.insert(digest.bytes)
        }
        return pins
    }

    private static func read(
        _ path: String, _ file: (String) throws(TLSError) -> String
    ) throws(Refusal) -> String {
        do throws(TLSError) {
            return try file(path)
        } catch {
            throw Refusal(description: "\(error.message); put it on the gateway's host, readable by root")
        }
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
