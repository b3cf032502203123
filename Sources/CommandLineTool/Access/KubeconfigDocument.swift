import Foundation
import MeshModel

/// A kubeconfig file for one user of one ambitd.
struct KubeconfigDocument: Sendable {
    let server: String
    /// PEM of the authority that proves the server; nil where the system's authorities do.
    let authority: [UInt8]?
    let user: String
    let certificatePEM: String
    let keyPEM: String
    /// Where commands work that name no namespace.
    let namespace: String

    /// The file's text.
    var text: String {
        let base64 = { (bytes: [UInt8]) in JSONValue.string(Data(bytes).base64EncodedString()) }
        var cluster: [(String, JSONValue)] = [("server", .string(server))]
        if let authority { cluster.append(("certificate-authority-data", base64(authority))) }
        let user = JSONValue(members: [
            ("client-certificate-data", base64(Array(certificatePEM.utf8))),
            ("client-key-data", base64(Array(keyPEM.utf8))),
        ])
        let context = JSONValue(members: [
            ("cluster", .string("ambit")), ("user", .string(self.user)), ("namespace", .string(namespace)),
        ])
        return YAMLWriter.text(
            JSONValue(members: [
                ("apiVersion", .string("v1")), ("kind", .string("Config")), ("current-context", .string("ambit")),
                ("clusters", named("ambit", "cluster", JSONValue(members: cluster))),
                ("users", named(self.user, "user", user)), ("contexts", named("ambit", "context", context)),
            ]))
    }

    private func named(_ name: String, _ member: String, _ value: JSONValue) -> JSONValue {
        .array([JSONValue(members: [("name", .string(name)), (member, value)])])
    }
}
