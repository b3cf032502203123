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
            clientCertificate = reader.text("clientCertificate", about: "The file of the client's certificate.")
            privateKey = reader.text("privateKey", about: "The file of the client's key.")
            caCertificates = reader.text(
                "caCertificates", about: "The file of the roots that the server is checked by.")
            caCrl = reader.text("caCrl", about: "The file of the revoked certificates.")
            credentialName = reader.text("credentialName", about: "The Secret that has the certificates.")
            subjectAltNames = reader.strings(
                "subjectAltNames", about: "Names of which the server's certificate must have one.")
            sni = reader.text("sni", about: "The name that the server is asked for; the host without.")
            insecureSkipVerify = reader.bool(
                "insecureSkipVerify", about: "Take any certificate of the server; for tests only.")
            reader.finish()
        }
    }
}
