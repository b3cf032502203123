package import MeshModel
import SwiftProtobuf

extension Ambit_Local_V1_LocalState {
    /// Everything in `snapshot`, in the order of resource names: equal snapshots give equal bytes.
    package init(_ snapshot: MeshSnapshot) {
        self.init()
        addresses = snapshot.services.sorted { $0.key < $1.key }.map { Istio_Workload_Address($0) }
        addresses += snapshot.workloads.sorted { $0.uid < $1.uid }.map { Istio_Workload_Address($0) }
        authorizations = snapshot.policies.sorted { $0.key < $1.key }.map { Istio_Security_Authorization($0) }
    }

    /// The state as an update of an empty mesh. The first resource that cannot be taken refuses all of it (D11).
    package func updates() throws(ConversionError) -> [MeshUpdate] {
        var updates: [MeshUpdate] = []
        updates.reserveCapacity(addresses.count + authorizations.count)
        for message in addresses { updates.append(try MeshUpdate(message)) }
        for message in authorizations { updates.append(try MeshUpdate(message)) }
        return updates
    }
}
