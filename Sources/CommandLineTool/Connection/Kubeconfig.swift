import Foundation
import MeshModel

/// One context of a kubeconfig file, resolved: the server, the certificates that prove it and us, and the namespace that
/// commands use by default. Ways to log in that ambitd does not have (exec plugins, passwords, proxies) are refused by
/// name rather than ignored. Kubernetes "Organizing Cluster Access Using kubeconfig Files".
struct Kubeconfig: Equatable, Sendable {
    /// The server's address without a trailing slash, `https://host:port`.
    let server: String
    /// PEM of the authority that signed the server's certificate; nil trusts the system's authorities.
    let authority: [UInt8]?
    /// PEM of our certificate and key.
    let credentials: Credentials?
    /// The context's namespace.
    let namespace: String?
    /// The file that this came from, for messages.
    let path: String

    /// A client certificate (leaf first) and its key, both PEM.
    struct Credentials: Equatable, Sendable {
        let certificate: [UInt8]
        let key: [UInt8]
    }

    /// Reads the file's text and resolves `context`, or the current one, or the only one.
    init(bytes: [UInt8], path: String, context wanted: String?) throws(CommandFailure) {
        let file = try Self.document(bytes, path: path)
        let name = wanted ?? file["current-context"]?.asString
        let contexts = file["contexts"]?.elements ?? []
        let context: JSONValue?
        if let name, !name.isEmpty {
            guard let named = Self.named(name, in: contexts) else {
                let known = contexts.compactMap { $0["name"]?.asString }.joined(separator: ", ")
                throw CommandFailure(
                    "\(path): there is no context \"\(name)\"",
                    next: known.isEmpty ? "the file has no contexts" : "choose one with --context: \(known)")
            }
            context = named["context"]
        } else {
            context = contexts.count == 1 ? contexts[0]["context"] : nil
        }
        guard let context else {
            throw CommandFailure("\(path): no current-context", next: "choose one with --context")
        }
        guard let clusterName = context["cluster"]?.asString,
            let cluster = Self.named(clusterName, in: file["clusters"]?.elements ?? [])?["cluster"]
        else {
            throw CommandFailure(
                "\(path): the context names no cluster that the file has", next: "add it under clusters")
        }
        let user = context["user"]?.asString.flatMap { Self.named($0, in: file["users"]?.elements ?? [])?["user"] }
        self.server = try Self.server(cluster, path: path)
        self.authority = try Self.material("certificate-authority", in: cluster, path: path)
        self.credentials = try user.flatMap { user throws(CommandFailure) in
            try Self.credentials(user, path: path)
        }
        self.namespace = context["namespace"]?.asString
        self.path = path
    }

    private static func document(_ bytes: [UInt8], path: String) throws(CommandFailure) -> JSONValue {
        let advice = "it must be a Kubernetes kubeconfig file, such as the admin.kubeconfig that ambitd writes"
        switch YAMLReader.read(bytes, source: path) {
        case (let documents, let problems) where problems.isEmpty && documents.count == 1:
            return documents[0].value
        case (_, let problems):
            throw CommandFailure("\(path): \(problems.first?.text ?? "not one document")", next: advice)
        }
    }

    private static func named(_ name: String, in list: [JSONValue]) -> JSONValue? {
        list.first { $0["name"]?.asString == name }
    }

    private static func server(_ cluster: JSONValue, path: String) throws(CommandFailure) -> String {
        for refused in ["insecure-skip-tls-verify", "proxy-url", "tls-server-name"]
        where cluster[refused] != nil && cluster[refused] != .bool(false) {
            throw CommandFailure("\(path): \(refused) is not supported", next: "remove it from the cluster")
        }
        guard var server = cluster["server"]?.asString, server.hasPrefix("https://") else {
            throw CommandFailure(
                "\(path): the cluster's server is not an https:// address",
                next: "set it to ambitd's, such as https://HOST:\(Ports.resourceAPI)")
        }
        while server.hasSuffix("/") { server.removeLast() }
        return server
    }

    private static func credentials(_ user: JSONValue, path: String) throws(CommandFailure) -> Credentials? {
        for refused in ["exec", "auth-provider", "token", "tokenFile", "username", "password"]
        where user[refused] != nil {
            throw CommandFailure(
                "\(path): the user logs in with \(refused), which ambitd does not know",
                next: "use client-certificate-data and client-key-data")
        }
        let certificate = try material("client-certificate", in: user, path: path)
        let key = try material("client-key", in: user, path: path)
        switch (certificate, key) {
        case (nil, nil): return nil
        case (let certificate?, let key?): return Credentials(certificate: certificate, key: key)
        default:
            throw CommandFailure(
                "\(path): the user has a client certificate or a key, but not both", next: "give both")
        }
    }

    /// The bytes of `KEY-data` (base64 of PEM) or of the file that `KEY` names, relative to the kubeconfig's folder.
    private static func material(
        _ key: String, in object: JSONValue, path: String
    ) throws(CommandFailure) -> [UInt8]? {
        if let text = object["\(key)-data"]?.asString {
            guard let data = Data(base64Encoded: text, options: .ignoreUnknownCharacters), !data.isEmpty else {
                throw CommandFailure("\(path): \(key)-data is not base64", next: "copy the file again, whole")
            }
            return [UInt8](data)
        }
        guard let file = object[key]?.asString else { return nil }
        let url = URL(fileURLWithPath: file, relativeTo: URL(fileURLWithPath: path).deletingLastPathComponent())
        do {
            return [UInt8](try Data(contentsOf: url))
        } catch {
            throw FileFailure.failure(
                reading: url.path, error: error, whenMissing: "correct \(key) in \(path)")
        }
    }
}
