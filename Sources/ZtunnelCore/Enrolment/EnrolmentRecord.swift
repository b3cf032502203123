package import MeshAPI
package import MeshModel
import SwiftProtobuf

/// One enrolment as an administrator asked for it, checked: what is stored on the disk and enrolled again at the start.
package struct EnrolmentRecord: Hashable, Sendable {
    /// Labels that one workload may carry.
    package static let labelLimit = 64
    /// Named ports that one workload may have.
    package static let portLimit = 64
    /// Bytes of one request.
    package static let requestLimit = 64 << 10

    /// Which processes are the workload.
    package let target: EnrolmentTarget
    /// The workload's name in the mesh.
    package let name: String
    /// The workload's namespace in the mesh.
    package let namespace: String
    /// The service account that makes its identity.
    package let serviceAccount: String
    /// Labels, for selectors of services and policies.
    package let labels: [String: String]
    /// Ports by their names.
    package let ports: [String: UInt16]
    /// Its share of load balancing, 0 for the default.
    package let weight: UInt32
    /// `region/zone/subzone`.
    package let locality: String
    /// The WorkloadGroup of `namespace` whose template and probe hold for it; empty for none.
    package let group: String
    /// The port of ztunnel where the connections of a workload arrive that shares the host's addresses; nil before it has one.
    package var outboundPort: UInt16?
    /// Which process had the target's number when it was enrolled (kind pid).
    package var process = ""
    /// The file of enroll.d that asks for it; empty: ambitctl did.
    package var source = ""

    /// `namespace/name`: unique on the node.
    package var uid: String { "\(namespace)/\(name)" }

    /// The port of ztunnel for its questions to resolvers.
    package var dnsPort: UInt16? { outboundPort.map { $0 + 1 } }

    /// Checks a request; nothing of the host is looked at.
    package init(_ request: Ambit_Enrolment_V1_Enrolment) throws(EnrolmentError) {
        target = try EnrolmentTarget(kind: request.kind, request.target)
        name = try Self.name("name", request.name.isEmpty ? target.workloadName : request.name)
        namespace = try Self.name("namespace", request.namespace.isEmpty ? "default" : request.namespace)
        serviceAccount = try Self.name(
            "serviceAccount", request.serviceAccount.isEmpty ? Defaults.serviceAccount : request.serviceAccount)
        guard request.labels.count <= Self.labelLimit, request.ports.count <= Self.portLimit else {
            throw EnrolmentError(
                .invalid, "\(request.labels.count) labels and \(request.ports.count) ports for \(namespace)/\(name)",
                remedy: "give at most \(Self.labelLimit) labels and \(Self.portLimit) ports")
        }
        ports = try Self.ports(request.ports)
        labels = request.labels
        weight = request.weight
        locality = request.locality
        group = request.group.isEmpty ? "" : try Self.name("group", request.group)
    }

    /// Reads a request from the control socket.
    package init(json: [UInt8]) throws(EnrolmentError) {
        let request = try Self.message(json)
        guard request.outboundPort == 0, request.process.isEmpty, request.source.isEmpty else {
            throw EnrolmentError(
                .invalid, "the enrolment has a field that ztunnel itself writes",
                remedy: "leave out outboundPort, process and source")
        }
        try self.init(request)
    }

    /// Reads a stored file.
    package init(stored json: [UInt8]) throws(EnrolmentError) {
        let message = try Self.message(json)
        try self.init(message)
        if message.outboundPort != 0 {
            guard let port = UInt16(exactly: message.outboundPort), HostPorts.isValid(port) else {
                throw EnrolmentError(
                    .invalid, "the stored outboundPort is \(message.outboundPort)",
                    remedy: "delete the file and enrol the workload again")
            }
            outboundPort = port
        }
        process = message.process
        source = message.source
    }

    private static func message(_ json: [UInt8]) throws(EnrolmentError) -> Ambit_Enrolment_V1_Enrolment {
        do {
            return try Ambit_Enrolment_V1_Enrolment(jsonUTF8Bytes: json)
        } catch {
            throw EnrolmentError(
                .invalid, "the enrolment cannot be read: \(error)",
                remedy:
                    "send a JSON object with kind, target, name, namespace, serviceAccount, labels, ports, weight, locality, group"
            )
        }
    }

    /// The message that `init` reads.
    package var message: Ambit_Enrolment_V1_Enrolment {
        .with {
            $0.kind = target.kind
            $0.target = target.text
            $0.name = name
            $0.namespace = namespace
            $0.serviceAccount = serviceAccount
            $0.labels = labels
            $0.ports = ports.mapValues(UInt32.init)
            $0.weight = weight
            $0.locality = locality
            $0.group = group
            $0.outboundPort = UInt32(outboundPort ?? 0)
            $0.process = process
            $0.source = source
        }
    }

    /// Whether this is what `request` asks for: the same but for ztunnel's own notes.
    func isAsked(by request: EnrolmentRecord) -> Bool {
        var request = request
        request.outboundPort = outboundPort
        request.process = process
        return self == request
    }

    /// What is stored on the disk.
    package func json() throws(EnrolmentError) -> [UInt8] {
        do {
            return try message.jsonUTF8Bytes()
        } catch {
            throw EnrolmentError(
                .failed, "the enrolment of \(uid) cannot be written: \(error)", remedy: "check its labels")
        }
    }

    /// The identity that its certificate carries.
    package func identity(trustDomain: String) -> SPIFFEIdentity {
        SPIFFEIdentity(trustDomain: trustDomain, namespace: namespace, serviceAccount: serviceAccount)
    }

    private static func ports(_ requested: [String: UInt32]) throws(EnrolmentError) -> [String: UInt16] {
        var ports: [String: UInt16] = [:]
        for (name, number) in requested {
            guard WorkloadReference.isName(name), let port = UInt16(exactly: number), port > 0 else {
                throw EnrolmentError(
                    .invalid, "the port '\(name)' has the number \(number)",
                    remedy: "name ports with lower-case letters, digits and '-', and number them from 1 to 65535")
            }
            guard !ListeningPorts.isReserved(port) else {
                throw EnrolmentError(
                    .invalid, "the port '\(name)' is \(port), which ztunnel itself uses",
                    remedy: "let the application listen on another port")
            }
            ports[name] = port
        }
        return ports
    }

    private static func name(_ field: String, _ value: String) throws(EnrolmentError) -> String {
        guard !value.isEmpty else {
            throw EnrolmentError(.invalid, "the enrolment has no \(field)", remedy: "give it one")
        }
        guard WorkloadReference.isName(value) else {
            throw EnrolmentError(
                .invalid, "\(field) is '\(value)'",
                remedy: "use lower-case letters, digits, '-' and '.', beginning and ending with a letter or digit")
        }
        return value
    }
}
