extension GatewaySpec {
    /// What a server does with TLS.
    package struct ServerTLS: Sendable, Hashable {
        /// Who ends TLS, and whether the client shows a certificate.
        package enum Mode: String, Sendable, Hashable, CaseIterable {
            /// Connections go on as they are, by the name that the client asks for.
            case passthrough = "PASSTHROUGH"
            case simple = "SIMPLE"
            /// The client must show a certificate.
            case mutual = "MUTUAL"
            /// Like passthrough, to services by the form of the name.
            case autoPassthrough = "AUTO_PASSTHROUGH"
            /// The client shows a certificate of the mesh.
            case istioMutual = "ISTIO_MUTUAL"
            /// The client may show a certificate.
            case optionalMutual = "OPTIONAL_MUTUAL"
        }

        /// Versions of TLS.
        package enum Version: String, Sendable, Hashable, CaseIterable {
            case automatic = "TLS_AUTO"
            case tls10 = "TLSV1_0"
            case tls11 = "TLSV1_1"
            case tls12 = "TLSV1_2"
            case tls13 = "TLSV1_3"
        }

        /// As many certificates as one server may have: one a type of key.
        package static let mostCertificates = 2

        /// Files of the gateway's host.
        package struct Files: Sendable, Hashable {
            package var serverCertificate: String?
            package var privateKey: String?
            package var caCertificates: String?

            /// Whether none is written.
            var isEmpty: Bool { serverCertificate == nil && privateKey == nil && caCertificates == nil }
        }

        /// Whether anything is written but the redirect.
        package var isMoreThanRedirect: Bool {
            var rest = self
            rest.httpsRedirect = false
            return rest != ServerTLS()
        }

        /// Whether plain HTTP is answered with a redirect to HTTPS.
        package var httpsRedirect = false
        /// Nil for `SIMPLE`.
        package var mode: Mode?
        package var files = Files()
        package var caCrl: String?
        /// The Secret with the certificates; nil for files.
        package var credentialName: String?
        /// Several Secrets, one a key type.
        package var credentialNames: [String] = []
        /// The Secret with the roots that clients are checked by.
        package var caCertCredentialName: String?
        /// Several sets of files, one a key type.
        package var tlsCertificates: [Files] = []
        /// Names of which a client's certificate must have one.
        package var subjectAltNames: [String] = []
        /// SHA-256 of keys and certificates of which a client's must be one.
        package var verifyCertificateSpki: [String] = []
        package var verifyCertificateHash: [String] = []
        /// Nil for TLS 1.2.
        package var minProtocolVersion: Version?
        package var maxProtocolVersion: Version?
        /// OpenSSL's names; empty for the default ones.
        package var cipherSuites: [String] = []
        package var insecureSkipVerify: Bool?

        /// The Secrets with its certificates, in their order.
        package var secretNames: [String] { [credentialName].compactMap { $0 } + credentialNames }

        /// Whether certificates are in Secrets; else they are in files.
        package var namesSecrets: Bool { !secretNames.isEmpty }

        /// The files with its certificates, in their order.
        package var pairs: [Files] {
            tlsCertificates.isEmpty ? [files] : Array(tlsCertificates.prefix(Self.mostCertificates))
        }

        /// The files with the roots of clients: the one of the server, else those beside its certificates.
        package var rootFiles: [String] {
            if let own = files.caCertificates { return [own] }
            var found: [String] = []
            for path in pairs.compactMap(\.caCertificates) where !found.contains(path) { found.append(path) }
            return found
        }

        /// Whether clients are asked for certificates.
        package var asksClients: Bool { [.mutual, .optionalMutual].contains(effectiveMode) }

        /// The fields that say which certificates of clients are good, where they are written.
        package var clientDemands: [String] {
            [
                ("caCrl", caCrl != nil), ("subjectAltNames", !subjectAltNames.isEmpty),
                ("verifyCertificateSpki", !verifyCertificateSpki.isEmpty),
                ("verifyCertificateHash", !verifyCertificateHash.isEmpty),
            ].filter(\.1).map(\.0)
        }

        /// What TLS is ended with where `mode` says nothing.
        package var effectiveMode: Mode { mode ?? .simple }
    }
}

extension GatewaySpec.ServerTLS {
    init(_ reader: ObjectReader) {
        httpsRedirect = reader.bool("httpsRedirect", about: "Answer plain HTTP with a redirect to HTTPS.") ?? false
        mode = reader.choice(
            "mode", Mode.self, about: "SIMPLE where left out; MUTUAL asks for the client's certificate.")
        files = Files(reader)
        caCrl = reader.text("caCrl", about: "The file of the revoked certificates.")
        credentialName = reader.text("credentialName", about: "The Secret with certificate and key.")
        credentialNames = reader.strings("credentialNames", about: "Secrets with certificates, one a type of key.")
        caCertCredentialName = reader.text(
            "caCertCredentialName", about: "The Secret with the roots that clients are checked by.")
        tlsCertificates = reader.objects("tlsCertificates", about: "Sets of files, one a type of key.").map { entry in
            defer { entry.finish() }
            return Files(entry)
        }
        subjectAltNames = reader.strings("subjectAltNames", about: "Names of which the client's certificate has one.")
        verifyCertificateSpki = reader.strings(
            "verifyCertificateSpki", about: "SHA-256 (base64) of keys of which the client's is one.")
        verifyCertificateHash = reader.strings(
            "verifyCertificateHash", about: "SHA-256 (hexadecimal) of certificates of which the client's is one.")
        minProtocolVersion = reader.choice(
            "minProtocolVersion", Version.self, about: "The oldest version of TLS; TLSV1_2 where left out.")
        maxProtocolVersion = reader.choice("maxProtocolVersion", Version.self, about: "The newest version of TLS.")
        cipherSuites = reader.strings("cipherSuites", about: "Ciphers by OpenSSL's names, for TLS 1.2.")
        insecureSkipVerify = reader.bool("insecureSkipVerify", about: "Take any certificate of a client.")
        reader.finish()
    }
}

extension GatewaySpec.ServerTLS.Files {
    fileprivate init(_ reader: ObjectReader) {
        serverCertificate = reader.text("serverCertificate", about: "The file of the server's certificate.")
        privateKey = reader.text("privateKey", about: "The file of the server's key.")
        caCertificates = reader.text("caCertificates", about: "The file of the roots that clients are checked by.")
    }
}
