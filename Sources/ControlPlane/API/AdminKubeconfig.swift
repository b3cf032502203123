import FoundationEssentials
import SwiftASN1
import X509

/// The administrator's kubeconfig: the server, its root, and a client certificate of the administrators' group.
package enum AdminKubeconfig {
    /// The roots as the file has them: how a present file is recognised as one of this authority.
    static func encodedRoots(_ rootsPEM: String) -> String { Data(rootsPEM.utf8).base64EncodedString() }

    /// A certificate with less than this left is renewed at the next start. Default 30 days.
    static let renewalMargin: TimeInterval = 30 * 86_400

    /// When the client certificate in a file of this form expires; nil where there is none that can be read.
    static func certificateExpires(in text: String) -> Date? {
        let field = "client-certificate-data: "
        guard let line = text.split(separator: "\n").first(where: { $0.contains(field) }),
            let place = line.firstRange(of: field), let data = Data(base64Encoded: String(line[place.upperBound...])),
            let certificate = try? Certificate(pemEncoded: String(decoding: data, as: UTF8.self))
        else { return nil }
        return certificate.notValidAfter
    }

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
