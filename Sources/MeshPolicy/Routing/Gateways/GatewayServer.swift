package import MeshModel

/// One server of a Gateway as the gateway serves it.
package struct GatewayServer: Sendable, Hashable {
    /// What becomes of a connection to it.
    package enum Action: Sendable, Hashable {
        /// Requests, without TLS.
        case http
        /// Bytes as they are.
        case tcp
        /// TLS that goes on as it is, by the name that the client asks for.
        case passthrough
        /// TLS ends here; requests are in it, else bytes.
        case terminate(GatewaySpec.ServerTLS, isHTTP: Bool)
        /// The client must be of the mesh (ISTIO_MUTUAL): its tunnel is the mutual TLS. Requests are in it, else bytes.
        case mesh(isHTTP: Bool)
        /// Nothing, for this reason: its connections are closed.
        case refuse(String)
    }

    /// Where it is written, for a person: `Gateway namespace/name servers[0]`.
    package let place: String
    /// Which routes are its own; see `GatewayListener.group`.
    package let group: String
    /// The names that it is for.
    package let hosts: [HostName]
    package let action: Action
}
