package import HTTPWire
package import LinuxSystem
package import MeshModel
import NodeCore

/// The pure decisions, fed with what this worker knows.
extension Worker {
    /// Where a captured connection goes. Endpoints that failed a moment ago are passed over while others are there;
    /// `excluded` are those that this very connection has tried.
    package func decideOutbound(
        from source: Workload, to target: SocketAddress, excluding excluded: Set<String>
    ) -> OutboundDecision {
        let ejected = ejectedEndpoints()
        if !ejected.isEmpty {
            let decision = ZtunnelCore.decideOutbound(
                snapshot: snapshot, source: source, target: TransportAddress(target),
                excluding: excluded.union(ejected),
                random: &random)
            if !decision.isRefusal { return decision }
        }
        return ZtunnelCore.decideOutbound(
            snapshot: snapshot, source: source, target: TransportAddress(target), excluding: excluded, random: &random)
    }

    /// Where a CONNECT to `local` goes; `ports` are its own where it shares the host's address.
    package func decideInbound(
        local: Workload, ports: Set<UInt16>?, connectionDestination: SocketAddress, authority: HBONEAuthority,
        forwardedHost: String?
    ) -> InboundDecision {
        ZtunnelCore.decideInbound(
            snapshot: snapshot, local: local, ports: ports, connectionDestination: IPAddress(connectionDestination),
            authority: authority, forwardedHost: forwardedHost,
            localhostApplicationTunnel: configuration.localhostApplicationTunnel)
    }
}

extension OutboundDecision {
    fileprivate var isRefusal: Bool {
        if case .refuse = self { true } else { false }
    }
}
