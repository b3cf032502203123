import Foundation

/// Files beside the tests.
enum Fixture {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

    static func path(_ name: String) -> String {
        folder.appendingPathComponent("Fixtures/\(name)").path
    }

    static func text(_ name: String) throws -> String {
        try String(contentsOfFile: path(name), encoding: .utf8)
    }

    /// A kubeconfig for a server on this host, with the test authority and a client certificate of it (or `client`'s).
    static func kubeconfig(port: Int, client: String = "client", authority: String = "ca") throws -> String {
        """
        apiVersion: v1
        kind: Config
        clusters:
        - name: ambit
          cluster:
            server: https://127.0.0.1:\(port)
            certificate-authority: \(path("\(authority).crt"))
        users:
        - name: admin
          user:
            client-certificate-data: \(Data(try text("\(client).crt").utf8).base64EncodedString())
            client-key-data: \(Data(try text("\(client).key").utf8).base64EncodedString())
        contexts:
        - name: ambit
          context: {cluster: ambit, user: admin}
        current-context: ambit

        """
    }
}
