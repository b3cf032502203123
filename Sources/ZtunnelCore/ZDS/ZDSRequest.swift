import MeshAPI
import SwiftProtobuf

/// One packet of the node agent (Z 6.2), checked: names are names, and the descriptor is there exactly where it belongs.
package enum ZDSRequest: Equatable, Sendable {
    /// Serve this workload in the network namespace that came as a descriptor.
    case add(uid: String, WorkloadReference)
    /// Serve it as before; only until the end of the snapshot.
    case keep(uid: String)
    /// Stop serving it.
    case remove(uid: String)
    /// Every workload of the host has been named.
    case snapshotSent

    /// Bytes of one packet, in both directions: the size of the buffers at both ends.
    package static let packetLimit = 1024
    /// Bytes of a uid, which is a Kubernetes object's as a rule (36 bytes).
    package static let uidLimit = 253

    /// Reads a packet that came with `descriptors` descriptors.
    package init(packet: [UInt8], descriptors: Int) throws(ZDSProblem) {
        guard packet.count <= Self.packetLimit else {
            throw .protocolViolation("a packet of \(packet.count) bytes; send at most \(Self.packetLimit)")
        }
        let message: Istio_Workload_Zds_WorkloadRequest
        do {
            message = try Istio_Workload_Zds_WorkloadRequest(serializedBytes: packet)
        } catch {
            throw .protocolViolation("a packet of \(packet.count) bytes is no WorkloadRequest: \(error)")
        }
        guard let payload = message.payload else {
            throw .protocolViolation("a WorkloadRequest without add, keep, del or snapshot_sent")
        }
        switch payload {
        case .add(let add):
            guard descriptors == 1 else {
                throw .protocolViolation(
                    "add came with \(descriptors) descriptors; send exactly one, of the workload's network namespace")
            }
            self = .add(uid: try Self.uid(add.uid), try Self.reference(add))
        case .keep(let keep):
            try Self.noDescriptor("keep", descriptors)
            self = .keep(uid: try Self.uid(keep.uid))
        case .del(let remove):
            try Self.noDescriptor("del", descriptors)
            self = .remove(uid: try Self.uid(remove.uid))
        case .snapshotSent:
            try Self.noDescriptor("snapshot_sent", descriptors)
            self = .snapshotSent
        }
    }

    private static func noDescriptor(_ name: String, _ count: Int) throws(ZDSProblem) {
        guard count == 0 else {
            throw .protocolViolation("\(name) came with \(count) descriptors; only add carries one")
        }
    }

    /// Printable, since it goes into logs and dumps.
    private static func uid(_ text: String) throws(ZDSProblem) -> String {
        guard !text.isEmpty, text.utf8.count <= uidLimit, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw .refused("the uid of a workload has 1 to \(uidLimit) printable ASCII characters, without spaces")
        }
        return text
    }

    /// The three names make the identity that the workload's certificate carries: nothing that is no name gets into it.
    private static func reference(_ add: Istio_Workload_Zds_AddWorkload) throws(ZDSProblem) -> WorkloadReference {
        guard add.hasWorkloadInfo else {
            throw .refused("add of \(add.uid) has no workload_info; send name, namespace and service_account")
        }
        let info = add.workloadInfo
        for (field, value) in [
            ("name", info.name), ("namespace", info.namespace), ("service_account", info.serviceAccount),
        ] where !WorkloadReference.isName(value) {
            throw .refused(
                "the \(field) of \(add.uid) is no name: use lower-case letters, digits, '-' and '.', beginning and "
                    + "ending with a letter or digit")
        }
        return WorkloadReference(namespace: info.namespace, name: info.name, serviceAccount: info.serviceAccount)
    }
}
