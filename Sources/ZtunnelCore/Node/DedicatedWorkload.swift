import LinuxNetfilter
import MeshAPI
import MeshModel
import NodeCore

/// The one workload of PROXY_MODE=dedicated, in the network namespace of the process itself.
struct DedicatedWorkload {
    let record: EnrolmentRecord
    let workload: LocalWorkload

    /// Looks at the own namespace.
    init(_ reference: WorkloadReference, _ configuration: NodeConfiguration) throws(StartFailure) {
        var request = Ambit_Enrolment_V1_Enrolment()
        request.kind = "netns"
        request.target = "/proc/self/ns/net"
        request.name = reference.name
        request.namespace = reference.namespace
        request.serviceAccount = reference.serviceAccount
        let addresses: [IPAddress]
        do {
            record = try EnrolmentRecord(request)
            var routes = try RouteTable()
            addresses = try routes.addresses().filter(\.isGlobal).compactMap { IPAddress(bytes: $0.bytes) }
        } catch {
            throw StartFailure("the workload \(reference.namespace)/\(reference.name) cannot be served: \(error)")
        }
        workload = LocalWorkload(
            uid: record.uid, name: record.name, namespace: record.namespace, serviceAccount: record.serviceAccount,
            trustDomain: configuration.trustDomain, place: .own, addresses: addresses,
            inheritsMarks: configuration.capturesOwnNamespace)
    }

    /// What the pages show of it.
    var status: EnrolmentStatus {
        EnrolmentStatus(record: record, addresses: workload.addresses, problem: nil)
    }

    /// Opens its listeners, and loads the capture rules if that was asked for.
    func start(
        _ dataPath: any WorkloadServing, _ names: (any NameServing)?, _ configuration: NodeConfiguration
    ) throws(StartFailure) {
        do {
            try dataPath.add(workload)
            try names?.add(workload, resolverFiles: ["/etc/resolv.conf"])
            if configuration.capturesOwnNamespace {
                let rules = WorkloadCapture(
                    dns: names != nil, excludedInterfaces: configuration.excludedInterfaces,
                    families: configuration.dataPlane.ipv6 ? AddressFamily.allCases : [.ipv4])
                try rules.apply()
            }
        } catch {
            throw StartFailure("the workload \(workload.uid) cannot be served: \(error)")
        }
    }
}
