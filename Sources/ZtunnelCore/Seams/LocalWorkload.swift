package import MeshModel

/// A workload enrolled on this node: what enrolment hands to the data path.
///
/// It says who the workload is and where its sockets are made. What the mesh knows about it (addresses, services, policies)
/// is looked up in the snapshot by namespace, name and service account, as ztunnel does for workloads of ZDS (Z 6.2).
package struct LocalWorkload: Sendable {
    /// Unique on this node for the life of the enrolment.
    package let uid: String
    /// The workload's name in the mesh.
    package let name: String
    /// The workload's namespace in the mesh (not its network namespace).
    package let namespace: String
    /// The service account whose certificate the workload's tunnels present.
    package let serviceAccount: String
    /// The trust domain of the workload's identity.
    package let trustDomain: String
    /// Where its listeners and upstream sockets are made.
    package let place: WorkloadPlace
    /// Addresses found at enrolment; only a faster way to the workload's record, which the snapshot stays the source of.
    package let addresses: [IPAddress]

    /// Whether the application's sockets take over the mark of the connections that they accept, as under the rules of
    /// `nft/ambit-workload.nft`. Other rules, such as those of Istio's node agent, know ztunnel's packets by its own mark.
    package let inheritsMarks: Bool

    /// Makes the description of an enrolled workload. No side effect: `DataPlane.add` starts serving it.
    package init(
        uid: String, name: String, namespace: String, serviceAccount: String, trustDomain: String,
        place: WorkloadPlace, addresses: [IPAddress] = [], inheritsMarks: Bool = false
    ) {
        self.uid = uid
        self.name = name
        self.namespace = namespace
        self.serviceAccount = serviceAccount
        self.trustDomain = trustDomain
        self.place = place
        self.addresses = addresses
        self.inheritsMarks = inheritsMarks
    }

    /// The same workload with another place on the host.
    package func moved(to place: HostPlace) -> LocalWorkload {
        LocalWorkload(
            uid: uid, name: name, namespace: namespace, serviceAccount: serviceAccount, trustDomain: trustDomain,
            place: .host(place), addresses: addresses, inheritsMarks: inheritsMarks)
    }

    /// The identity that the workload's certificate carries.
    package var identity: SPIFFEIdentity {
        SPIFFEIdentity(trustDomain: trustDomain, namespace: namespace, serviceAccount: serviceAccount)
    }
}
