import FoundationEssentials

/// What is in a state directory: the authority (`ca/`), the database (`ambit.db`) and the administrator's kubeconfig.
///
/// Opened by `serve` and, while that runs, by `issue-node`: the database and the authority's lock settle who writes.
package struct ControlState: Sendable {
    /// The setting that fixes the trust domain.
    private static let trustDomainSetting = "trust-domain"

    package let directory: String
    package let authority: Authority
    package let store: SQLiteStore

    /// Opens the state, and makes it on the first start.
    package static func open(
        _ directory: String, trustDomain: String, authority: AuthorityConfiguration = AuthorityConfiguration()
    ) async throws -> ControlState {
        try DurableFile.makePrivateDirectory(directory)
        let store = try SQLiteStore(path: "\(directory)/ambit.db")
        if let fixed = try await store.setting(trustDomainSetting).map({ String(decoding: $0, as: UTF8.self) }) {
            guard fixed == trustDomain else {
                throw DaemonError(
                    "--trust-domain: the state in \(directory) is of the trust domain \"\(fixed)\", not \"\(trustDomain)\": identities that "
                        + "were given out would no longer be valid; leave the option as it was, or start with an empty directory"
                )
            }
        } else {
            try await store.put(setting: trustDomainSetting, value: Array(trustDomain.utf8))
        }
        return try make(directory, trustDomain, store, authority)
    }

    /// Opens the state that a first `serve` has made; says so where there is none.
    package static func openExisting(_ directory: String) async throws -> ControlState {
        guard try DurableFile.read("\(directory)/ca/lock", limit: 1 << 16) != nil else {
            throw DaemonError(
                "--state-dir: \(directory) holds no state of ambitd; start `ambitd serve --state-dir \(directory)` first"
            )
        }
        let store = try SQLiteStore(path: "\(directory)/ambit.db")
        guard let fixed = try await store.setting(trustDomainSetting) else {
            throw DaemonError("--state-dir: the first start of ambitd in \(directory) did not finish; start it again")
        }
        return try make(directory, String(decoding: fixed, as: UTF8.self), store, AuthorityConfiguration())
    }

    private static func make(
        _ directory: String, _ trustDomain: String, _ store: SQLiteStore, _ configuration: AuthorityConfiguration
    ) throws -> ControlState {
        let authority = try Authority.loadOrCreate(
            directory: "\(directory)/ca", trustDomain: trustDomain, configuration: configuration)
        return ControlState(directory: directory, authority: authority, store: store)
    }

    /// Writes `admin.kubeconfig` where there is none that fits the server's address and root and lasts a while longer.
    package func writeAdminKubeconfig(server: String) throws {
        let path = "\(directory)/admin.kubeconfig"
        if let present = try DurableFile.read(path, limit: 1 << 20).map({ String(decoding: $0, as: UTF8.self) }),
            present.contains("server: \(server)\n"), present.contains(AdminKubeconfig.encodedRoots(authority.rootsPEM)),
            let expires = AdminKubeconfig.certificateExpires(in: present),
            expires.timeIntervalSince(authority.configuration.now()) > AdminKubeconfig.renewalMargin
        {
            return
        }
        let client = try authority.issueClientCertificate(
            commonName: "ambit-admin", organization: APIUser.administrators)
        let text = AdminKubeconfig.text(server: server, rootsPEM: authority.rootsPEM, client: client)
        try DurableFile.write(Array(text.utf8), to: path, mode: 0o600)
    }

    /// Grants identities to a node and writes its certificate, key and root to `folder` (0700, key 0600).
    package func issueNode(_ node: String, grants: [NodeGrant], to folder: String) async throws {
        let issued = try authority.issueNodeCertificate(node: node)
        let certificate = NodeRecord.HeldCertificate(
            serial: issued.serialNumber, notAfter: Int64(issued.notAfter.timeIntervalSince1970))
        try await NodeDirectory(store: store).add(
            node, certificate: certificate, grants: grants, origin: "ambitd issue-node")
        try DurableFile.makePrivateDirectory(folder)
        try DurableFile.write(Array(issued.privateKeyPEM.utf8), to: "\(folder)/node.key", mode: 0o600)
        try DurableFile.write(Array(issued.certificateChainPEM.utf8), to: "\(folder)/node.crt", mode: 0o644)
        try DurableFile.write(Array(issued.rootsPEM.utf8), to: "\(folder)/root.crt", mode: 0o644)
    }
}
