import MeshModel

/// What a workload of this host is to be: the message that ztunnel's control socket takes (ambit.enrolment.v1.Enrolment).
/// Empty fields are left out; ztunnel then uses its defaults.
struct Enrolment: Equatable, Sendable {
    /// What `target` names.
    var kind: String
    /// The name of what is enrolled.
    var target: String
    /// The workload's name in the mesh; nil leaves it to ztunnel, which has it from the target.
    var name: String?
    var namespace: String
    var serviceAccount: String
    var labels: [(name: String, value: String)]
    var ports: [(name: String, port: Int)]
    var weight: Int?
    var locality: String?
    /// A WorkloadGroup of the namespace.
    var group: String?

    init(
        kind: String, target: String, name: String?, namespace: String, serviceAccount: String,
        labels: [(name: String, value: String)] = [], ports: [(name: String, port: Int)] = [], weight: Int? = nil,
        locality: String? = nil, group: String? = nil
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
        self.group = group
    }

    static func == (left: Enrolment, right: Enrolment) -> Bool {
        left.value == right.value
    }

    /// The message's JSON.
    var value: JSONValue {
        var members: [(String, JSONValue)] = [
            ("kind", .string(kind)), ("target", .string(target)),
        ]
        if let name { members.append(("name", .string(name))) }
        members += [("namespace", .string(namespace)), ("serviceAccount", .string(serviceAccount))]
        if !labels.isEmpty {
            members.append(("labels", JSONValue(members: labels.map { ($0.name, .string($0.value)) })))
        }
        if !ports.isEmpty {
            members.append(("ports", JSONValue(members: ports.map { ($0.name, .int(Int64($0.port))) })))
        }
        if let weight { members.append(("weight", .int(Int64(weight)))) }
        if let locality { members.append(("locality", .string(locality))) }
        if let group { members.append(("group", .string(group))) }
        return JSONValue(members: members)
    }
}
