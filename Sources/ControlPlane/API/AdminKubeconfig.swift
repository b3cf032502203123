import FoundationEssentials

/// The administrator's kubeconfig: the server, its root, and a client certificate of the administrators' group.
package enum AdminKubeconfig {
    /// The roots as the file has them: how a present file is recognised as one of this authority.
    static func encodedRoots(_ rootsPEM: String) -> String { Data(rootsPEM.utf8).base64EncodedString() }

    /// The file's text.
    package static func text(server: String, rootsPEM: String, client: IssuedCertificate) -> String {
        let base64 = { (text: String) in Data(text.utf8).base64EncodedString() }
        return """
            apiVersion: v1
            kind: Config
            current-context: ambit
            clusters:
            - name: ambit
              cluster:
                server: \(server)
                certificate-authority-data: \(encodedRoots(rootsPEM))
            users:
            - name: ambit-admin
              user:
                client-certificate-data: \(base64(client.certificateChainPEM))
                client-key-data: \(base64(client.privateKeyPEM))
            contexts:
            - name: ambit
              context:
                cluster: ambit
                user: ambit-admin
                namespace: default

            """
    }
}
