package import HTTPWire
package import MeshModel

/// Decides where a CONNECT request to `local` goes (Z 4.1, 4.2).
///
/// `connectionDestination` is the local address of the TCP connection, `forwardedHost` the host that the client's
/// `forwarded` field names; it only chooses what the connection is accounted to. `ports` are those that belong to `local` on a
/// host that it shares (D4): a request that leads to another port is refused; nil where its address is its own. Pure, any
/// thread.
package func decideInbound(
    snapshot: MeshSnapshot, local: Workload, ports: Set<UInt16>? = nil, connectionDestination: IPAddress,
    authority: HBONEAuthority, forwardedHost: String? = nil, localhostApplicationTunnel: Bool = true
) -> InboundDecision {
    InboundPlan(
        snapshot: snapshot, local: local, ports: ports, connectionDestination: connectionDestination.unmapped,
        authority: authority, forwardedHost: forwardedHost,
        localhostApplicationTunnel: localhostApplicationTunnel
    ).decide()
}
