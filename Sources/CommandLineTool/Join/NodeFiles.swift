import Foundation
import MeshModel

/// The files that make a host a node: `STATE/node/{node.crt,node.key,root.crt}` and `CONFIG/ztunnel.env`.
struct NodeFiles {
    let stateDirectory: String
    let configurationDirectory: String

    private var folder: String { "\(stateDirectory)/node" }
    var certificate: String { "\(folder)/node.crt" }
    private var key: String { "\(folder)/node.key" }
    private var roots: String { "\(folder)/root.crt" }
    var environment: String { "\(configurationDirectory)/ztunnel.env" }

    /// Before the token is spent: this host must be able to become a node.
    func check(replacing: Bool) throws(CommandFailure) {
        if !replacing, FileManager.default.fileExists(atPath: certificate) {
            throw CommandFailure(
                "this host is a node already: \(certificate) is there",
                next: "to leave it as it is, do nothing; to join again (another mesh, a revoked node), add --force")
        }
        for directory in [stateDirectory, folder] { try DurableWrite.makeDirectory(directory, mode: 0o700) }
        try DurableWrite.makeDirectory(configurationDirectory, mode: 0o755)
        for directory in [folder, configurationDirectory] { try DurableWrite.checkWritable(directory) }
    }

    /// Writes everything, the certificate last: what is there without it is no membership.
    func write(_ membership: Membership, endpoint: JoinEndpoint) throws(CommandFailure) {
        // Left of a renewal or of an earlier membership: its workloads' certificates are revoked with it.
        for stale in ["\(key).renewed", "\(certificate).renewed", "\(stateDirectory)/certificates"] {
            try? FileManager.default.removeItem(atPath: stale)
        }
        try DurableWrite.write(membership.roots, to: roots, mode: 0o644)
        try DurableWrite.write(membership.key, to: key, mode: 0o600)
        try DurableWrite.write(settings(membership, endpoint: endpoint), to: environment, mode: 0o644)
        try DurableWrite.write(membership.certificate, to: certificate, mode: 0o644)
    }

    /// The settings file: ours set, every other line as it was.
    private func settings(_ membership: Membership, endpoint: JoinEndpoint) -> String {
        let server = "https://\(endpoint.urlHost):\(membership.controlPort)"
        var values = [
            ("NODE_NAME", membership.node), ("XDS_ADDRESS", server), ("CA_ADDRESS", server), ("XDS_ROOT_CA", roots),
            ("CA_ROOT_CA", roots), ("AMBIT_NODE_CERT", certificate), ("AMBIT_NODE_KEY", key),
            ("TRUST_DOMAIN", membership.trustDomain),
        ]
        if stateDirectory != "/var/lib/ambit" { values.append(("AMBIT_STATE_DIR", stateDirectory)) }
        let present = (try? String(contentsOfFile: environment, encoding: .utf8)) ?? ""
        return NodeSettings.merge(values, into: present)
    }
}
