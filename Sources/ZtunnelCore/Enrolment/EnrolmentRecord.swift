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

    /// The network namespace.
    package let target: NamespaceTarget
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

    /// `namespace/name`: unique on the node.
    package var uid: String { "\(namespace)/\(name)" }

    /// Checks a request; nothing of the host is looked at.
    package init(_ request: Ambit_Enrolment_V1_Enrolment) throws(EnrolmentError) {
        guard request.kind == "netns" else {
            throw EnrolmentError(
                .invalid, "enrolments of kind '\(request.kind)' are not supported",
                remedy: "set kind to netns and target to the network namespace")
        }
        target = try NamespaceTarget(request.target)
        name = try Self.name("name", request.name)
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
    }

    /// Reads a request from the control socket, or a stored file.
    package init(json: [UInt8]) throws(EnrolmentError) {
        let request: Ambit_Enrolment_V1_Enrolment
        do {
            request = try Ambit_Enrolment_V1_Enrolment(jsonUTF8Bytes: json)
        } catch {
            throw EnrolmentError(
                .invalid, "the enrolment cannot be read: \(error)",
                remedy:
                    "send a JSON object with kind, target, name, namespace, serviceAccount, labels, ports, weight, locality"
            )
        }
        try self.init(request)
    }

    /// The message that `init` reads.
    package var message: Ambit_Enrolment_V1_Enrolment {
        .with {
            $0.kind = "netns"
            $0.target = target.text
            $0.name = name
            $0.namespace = namespace
            $0.serviceAccount = serviceAccount
            $0.labels = labels
            $0.ports = ports.mapValues(UInt32.init)
            $0.weight = weight
            $0.locality = locality
        }
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
            guard ![Ports.outbound, Ports.inboundPlaintext, Ports.hbone, Ports.dns].contains(port) else {
                throw EnrolmentError(
                    .invalid, "the port '\(name)' is \(port), which ztunnel itself uses in the workload's namespace",
                    remedy: "let the application listen on another port")
            }
            ports[name] = port
        }
        return ports
    }

    private static func name(_ field: String, _ value: String) throws(EnrolmentError) -> String {
        guard WorkloadReference.isName(value) else {
            throw EnrolmentError(
                .invalid, "\(field) is '\(value)'",
                remedy: "use lower-case letters, digits, '-' and '.', beginning and ending with a letter or digit")
        }
        return value
    }
}
