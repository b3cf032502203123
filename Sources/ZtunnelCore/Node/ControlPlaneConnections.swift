import HTTPWire
import LinuxSystem
import MeshRuntime
import TLSEngine

/// The gRPC connections of the node to its control plane. Confined to the control loop.
struct ControlPlaneConnections {
    let loop: EventLoop
    let resolver: HostResolver
    let configuration: NodeConfiguration
    let version: String

    /// A client of `server`. Certificates and roots are read again for every connection.
    func client(_ server: NodeConfiguration.Server) -> GRPCClient {
        var settings = GRPCClientConfiguration()
        settings.userAgent = "ambit-ztunnel/\(version)"
        let nodeCertificate = configuration.nodeCertificate
        return GRPCClient(
            loop: loop, resolver: resolver, host: server.address.host, port: server.address.port,
            configuration: settings,
            context: {
                do {
                    return .success(try Self.context(server, nodeCertificate))
                } catch {
                    return .failure(GRPCStatus(code: .unauthenticated, message: "\(error)"))
                }
            }, mark: configuration.capturesOwnNamespace ? configuration.dataPlane.packetMark : nil)
    }

    /// What goes with every call: the token, the cluster, and the configured headers.
    func headers(_ server: NodeConfiguration.Server) -> () -> [(name: String, value: String)] {
        let token = configuration.token
        let cluster = configuration.clusterID
        return {
            var headers = server.headers
            headers.append(("clusterid", cluster))
            if let token = token.flatMap(Self.token) { headers.append(("authorization", "Bearer \(token)")) }
            return headers
        }
    }

    private static func context(
        _ server: NodeConfiguration.Server, _ nodeCertificate: (certificate: String, key: String)?
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
