package import MeshModel

/// What a workload of this host is to be: the message that ztunnel's control socket takes (ambit.enrolment.v1.Enrolment).
/// Empty fields are left out; ztunnel then uses its defaults.
package struct Enrolment: Equatable, Sendable {
    /// What `target` names.
    package var kind: String
    /// The network namespace: a name under /run/netns, or a path.
    package var target: String
    /// The workload's name in the mesh.
    package var name: String
    package var namespace: String
    package var serviceAccount: String
    package var labels: [(name: String, value: String)]
    package var ports: [(name: String, port: Int)]
    package var weight: Int?
    package var locality: String?

    package init(
        kind: String, target: String, name: String, namespace: String, serviceAccount: String,
        labels: [(name: String, value: String)] = [], ports: [(name: String, port: Int)] = [], weight: Int? = nil,
        locality: String? = nil
    ) {
        self.kind = kind
        self.target = target
        self.name = name
        self.namespace = namespace
        self.serviceAccount = serviceAccount
        self.labels = labels
        self.ports = ports
        self.weight = weight
        self.locality = locality
    }

    package static func == (left: Enrolment, right: Enrolment) -> Bool {
        left.value == right.value
    }

    /// The message's JSON.
    package var value: JSONValue {
        var members: [(String, JSONValue)] = [
            ("kind", .string(kind)), ("target", .string(target)), ("name", .string(name)),
            ("namespace", .string(namespace)),
            ("serviceAccount", .string(serviceAccount)),
        ]
        if !labels.isEmpty {
            members.append(("labels", JSONValue(members: labels.map { ($0.name, .string($0.value)) })))
        }
        if !ports.isEmpty {
            members.append(("ports", JSONValue(members: ports.map { ($0.name, .int(Int64($0.port))) })))
        }
        if let weight { members.append(("weight", .int(Int64(weight)))) }
        if let locality { members.append(("locality", .string(locality))) }
        return JSONValue(members: members)
    }
}
