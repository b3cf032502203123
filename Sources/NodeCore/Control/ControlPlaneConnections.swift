import HTTPWire
package import MeshRuntime
import TLSEngine

/// The gRPC connections of the node to its control plane. Confined to the control loop.
package struct ControlPlaneConnections {
    private let loop: EventLoop
    private let resolver: HostResolver
    private let userAgent: String
    private let nodeCertificate: (certificate: String, key: String)?
    private let token: String?
    private let clusterID: String
    private let mark: UInt32?

    /// Connections of one program. `nodeCertificate` has the paths of the client certificate and its key, `token` is a path
    /// or the token itself, `mark` keeps the sockets out of capture rules of the own network namespace.
    package init(
        loop: EventLoop, resolver: HostResolver, userAgent: String,
        nodeCertificate: (certificate: String, key: String)?, token: String?, clusterID: String, mark: UInt32?
    ) {
        self.loop = loop
        self.resolver = resolver
        self.userAgent = userAgent
        self.nodeCertificate = nodeCertificate
        self.token = token
        self.clusterID = clusterID
        self.mark = mark
    }

    /// A client of `server`. Certificates and roots are read again for every connection.
    package func client(_ server: ControlPlaneServer) -> GRPCClient {
        var settings = GRPCClientConfiguration()
        settings.userAgent = userAgent
        let nodeCertificate = nodeCertificate
        return GRPCClient(
            loop: loop, resolver: resolver, host: server.address.host, port: server.address.port,
            configuration: settings,
            context: {
                do {
                    return .success(try Self.context(server, nodeCertificate))
                } catch {
                    return .failure(GRPCStatus(code: .unauthenticated, message: "\(error)"))
                }
            }, mark: mark)
    }

    /// What goes with every call: the token, the cluster, and the configured headers.
    package func headers(_ server: ControlPlaneServer) -> () -> [(name: String, value: String)] {
        let token = token
        let cluster = clusterID
        return {
            var headers = server.headers
            headers.append(("clusterid", cluster))
            if let token = token.flatMap(Self.token) { headers.append(("authorization", "Bearer \(token)")) }
            return headers
        }
    }

    private static func context(
        _ server: ControlPlaneServer, _ nodeCertificate: (certificate: String, key: String)?
    ) throws -> TLSContext {
        let roots = server.roots.hasPrefix("-----BEGIN") ? server.roots : try text(server.roots)
        let names = TLSPeerVerification.hostname(
            [server.address.host] + (server.alternativeName.map { [$0] } ?? []))
        guard let nodeCertificate else {
            return try TLSContext(anonymousClientTrusting: roots, verification: names)
        }
        let material = TLSIdentityMaterial(
            certificateChainPEM: try text(nodeCertificate.certificate), privateKeyPEM: try text(nodeCertificate.key),
            rootsPEM: roots)
        return try TLSContext(role: .client, material: material, verification: names)
    }

    private static func text(_ path: String) throws -> String {
        String(decoding: try StateDirectory.readFile(path), as: UTF8.self)
    }

    /// A token is a file if there is one of that name; it is read for every call, since it is renewed in place.
    private static func token(_ setting: String) -> String? {
        guard setting.hasPrefix("/") || setting.hasPrefix("./") else { return setting }
        guard let text = try? text(setting) else { return nil }
        return String(text.filter { !$0.isWhitespace })
    }
}
