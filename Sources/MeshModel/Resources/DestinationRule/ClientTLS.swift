extension DestinationRuleSpec {
    /// TLS to the endpoints (I 1.2).
    package struct ClientTLS: Sendable, Hashable {
        /// What is done.
        package enum Mode: String, Sendable, Hashable, CaseIterable {
            /// No TLS of the request's own; inside the mesh the tunnel's stays.
            case disable = "DISABLE"
            case simple = "SIMPLE"
            /// With a certificate of the client.
            case mutual = "MUTUAL"
            /// The mesh's own, which every connection in it has.
            case istioMutual = "ISTIO_MUTUAL"
        }

        /// Nil for `DISABLE`.
        package var mode: Mode?
        /// Files of the waypoint's host.
        package var clientCertificate: String?
        package var privateKey: String?
        package var caCertificates: String?
        package var caCrl: String?
        /// The Secret that has the certificates instead.
        package var credentialName: String?
        /// Names of which the server's certificate must have one; empty for the host's own.
        package var subjectAltNames: [String] = []
        /// The name that the server is asked for; nil for the host.
        package var sni: String?
        /// Whether the server's certificate is not looked at.
        package var insecureSkipVerify: Bool?

        init(_ reader: ObjectReader) {
            mode = reader.choice(
                "mode", Mode.self, about: "SIMPLE, MUTUAL (with a client certificate), ISTIO_MUTUAL or DISABLE.")
            clientCertificate = Self.text("clientCertificate", "The file of the client's certificate.", reader)
            privateKey = Self.text("privateKey", "The file of the client's key.", reader)
            caCertificates = Self.text("caCertificates", "The file of the roots that the server is checked by.", reader)
            caCrl = Self.text("caCrl", "The file of the revoked certificates.", reader)
            credentialName = Self.text("credentialName", "The Secret that has the certificates.", reader)
            subjectAltNames = reader.strings(
                "subjectAltNames", about: "Names of which the server's certificate must have one.")
            sni = Self.text("sni", "The name that the server is asked for; the host without.", reader)
            insecureSkipVerify = reader.bool(
                "insecureSkipVerify", about: "Take any certificate of the server; for tests only.")
            reader.finish()
        }

        /// A text; an empty one counts as absent, as in protobuf.
        private static func text(_ key: String, _ about: String, _ reader: ObjectReader) -> String? {
            reader.string(key, about: about).flatMap { $0.isEmpty ? nil : $0 }
        }
    }
}
