package import HTTPWire
package import MeshModel

/// What metrics and logs say about one end of a connection. Empty means not known.
package struct TelemetryEnd: Hashable, Sendable {
    /// The instance, for the log.
    package var instance = ""
    /// The workload that the instance belongs to.
    package var workload = ""
    /// Its namespace.
    package var namespace = ""
    /// The canonical service; Istio's label `app` as well.
    package var canonicalService = ""
    /// The canonical revision; Istio's label `version` as well.
    package var canonicalRevision = ""
    /// The cluster or site.
    package var cluster = ""
    /// The region.
    package var region = ""
    /// The zone.
    package var zone = ""
    /// The SPIFFE id that was proven; never looked up (Z 8.1).
    package var principal = ""

    /// An end that nothing is known of but, perhaps, its identity.
    package init(principal: String = "") { self.principal = principal }

    /// An end that the snapshot knows.
    package init(_ workload: Workload, principal: String = "") {
        instance = workload.name.isEmpty ? workload.canonicalName : workload.name
        self.workload = workload.workloadName
        namespace = workload.namespace
        canonicalService = workload.canonicalName
        canonicalRevision = workload.canonicalRevision
        cluster = workload.clusterID
        region = workload.locality.region
        zone = workload.locality.zone
        self.principal = principal
    }

    /// An end that described itself.
    package init(_ baggage: Baggage, principal: String = "") {
        instance = baggage.workloadName.isEmpty ? baggage.serviceName : baggage.workloadName
        workload = baggage.workloadName
        namespace = baggage.namespace
        canonicalService = baggage.serviceName
        canonicalRevision = baggage.serviceVersion
        cluster = baggage.cluster
        region = baggage.region
        zone = baggage.zone
        self.principal = principal
    }

    /// The client of an inbound connection: of the workloads that `sharing` says have its address, the one of the identity
    /// that it proved. Where several have that too, or the snapshot knows none, its own description counts. A plaintext
    /// client of a shared address is not known: it may be any of them, or none. The description is read only where it counts.
    package init(
        clientAmong sharing: [Workload], identity: SPIFFEIdentity?, baggage described: @autoclosure () -> Baggage?
    ) {
        let principal = identity?.uri ?? ""
        let candidates = identity.map { proven in sharing.filter { $0.identity == proven } } ?? sharing
        if candidates.count == 1 {
            self.init(candidates[0], principal: principal)
            return
        }
        let baggage = described()
        if let named = candidates.first(where: { Baggage($0) == baggage }), identity != nil {
            self.init(named, principal: principal)
        } else if let baggage {
            self.init(baggage, principal: principal)
        } else if let first = candidates.first, identity != nil {
            self.init(first, principal: principal)
        } else {
            self.init(principal: principal)
        }
    }
}
