package import MeshModel

/// The workloads that share the host's addresses on this node, and which of them a connection means (D4).
///
/// A value: the control side changes its copy and hands one to each worker. Nothing here depends on what the control plane
/// says about the workloads: whose port it is was decided on this host, when the workload was enrolled.
package struct HostWorkloads: Sendable {
    private struct Member: Sendable {
        let workload: LocalWorkload
        let place: HostPlace
        /// As it is compared: server names have no case (RFC 6066 section 3).
        let serverName: String?
    }

    /// Ordered by uid, so that every lookup has one answer.
    private var members: [Member] = []

    /// Nobody.
    package init() {}

    /// Whether there is nobody.
    package var isEmpty: Bool { members.isEmpty }

    // MARK: Changes

    /// Takes a workload in, or gives it another place. Throws, and changes nothing, where that would leave in doubt whose a
    /// connection is.
    package mutating func insert(_ workload: LocalWorkload, at place: HostPlace) throws(DataPlaneError) {
        if let problem = Self.problem(place) {
            throw DataPlaneError(.portTaken, "\(workload.uid) cannot be served on this host: \(problem)")
        }
        for member in members where member.workload.uid != workload.uid {
            if let problem = Self.conflict(place, with: member.place) {
                throw DataPlaneError(
                    .portTaken,
                    "\(workload.uid) cannot be served on this host: \(problem) of workload \(member.workload.uid); "
                        + "enrol each port with one workload only")
            }
        }
        remove(workload.uid)
        let member = Member(
            workload: workload, place: place, serverName: workload.identity.serverName?.lowercased())
        members.insert(member, at: members.firstIndex { $0.workload.uid > workload.uid } ?? members.endIndex)
    }

    /// Lets a workload go; unknown ones are gone already.
    package mutating func remove(_ uid: String) {
        members.removeAll { $0.workload.uid == uid }
    }

    private static func problem(_ place: HostPlace) -> String? {
        if place.outboundPort == 0 || place.dnsPort == 0 {
            return "its outbound and DNS ports (\(place.outboundPort), \(place.dnsPort)) must not be 0"
        }
        if place.outboundPort == place.dnsPort { return "its outbound and DNS ports must differ" }
        let own = [place.outboundPort, place.dnsPort] + place.ports
        if let port = own.filter(Ports.isCaptured).min() { return "port \(port) is ztunnel's own" }
        if place.ports.contains(place.outboundPort) || place.ports.contains(place.dnsPort) {
            return "its outbound and DNS ports (\(place.outboundPort), \(place.dnsPort)) are ports of its application"
        }
        return nil
    }

    /// Sockets with SO_REUSEPORT would share a port silently: connections of one workload would reach the other's listener.
    private static func conflict(_ place: HostPlace, with other: HostPlace) -> String? {
        let taken = [other.outboundPort, other.dnsPort]
        if let port = [place.outboundPort, place.dnsPort].first(where: taken.contains) {
            return "port \(port), where captured traffic is to arrive, is taken by that"
        }
        return place.conflict(with: other).map { "port \($0) is also one" }
    }

    // MARK: Lookups

    /// With whose certificate to answer a client that asks for `serverName` (nil: it does not say, as Istio's clients) at
    /// `destination`, an address of this host. Where more than one identity may be meant, none is.
    package func certificate(for serverName: String?, at destination: IPAddress) -> HostCertificateChoice {
        guard let serverName else {
            let identities = Set(members.filter { $0.place.holds(destination) }.map(\.workload.identity))
            guard let identity = identities.first, identities.count == 1 else {
                return .refuse(
                    "the client sent no server name (SNI), and \(identities.count) identities share \(destination) here: "
                        + "give such workloads addresses or network namespaces of their own, or use Ambit's ztunnel at the client"
                )
            }
            return .identity(identity)
        }
        let asked = serverName.lowercased()
        let identities = Set(
            members.filter { $0.serverName == asked && $0.place.holds(destination) }.map(\.workload.identity))
        guard let identity = identities.first else {
            return .refuse("no workload of this host is called \(serverName) at \(destination)")
        }
        guard identities.count == 1 else {
            return .refuse("\(serverName) stands for \(identities.count) identities of this host; rename one of them")
        }
        return .identity(identity)
    }

    /// The uids of the workloads of that identity.
    package func uids(of identity: SPIFFEIdentity) -> [String] {
        members.filter { $0.workload.identity == identity }.map(\.workload.uid)
    }

    /// The uid of the workload that a connection to an address of this host means.
    package func uid(at destination: TransportAddress) -> String? {
        members.first { $0.place.ports.contains(destination.port) && $0.place.holds(destination.ip) }?.workload.uid
    }

    /// The workload of that uid.
    package func workload(_ uid: String) -> LocalWorkload? {
        members.first { $0.workload.uid == uid }?.workload
    }
}
