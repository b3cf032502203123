/// What is enrolled: which processes of this host are the workload.
package enum EnrolmentTarget: Hashable, Sendable {
    /// All processes in a network namespace, which has addresses of its own.
    case networkNamespace(NamespaceTarget)
    /// The processes of a systemd service.
    case unit(UnitTarget)
    /// The processes of everything in a systemd slice.
    case slice(SliceTarget)
    /// The processes of a user.
    case user(UserTarget)
    /// The processes of a container.
    case container(ContainerTarget)
    /// A running process: with its network namespace if that is not the host's, else with its control group.
    case process(ProcessTarget)

    /// The kinds, as requests and files name them.
    package static let kinds = ["netns", "unit", "slice", "user", "container", "pid"]

    /// Checks that `kind` is known and that `text` can be the name of such a thing. Nothing of the host is looked at.
    package init(kind: String, _ text: String) throws(EnrolmentError) {
        switch kind {
        case "netns": self = .networkNamespace(try NamespaceTarget(text))
        case "unit": self = .unit(try UnitTarget(text))
        case "slice": self = .slice(try SliceTarget(text))
        case "user": self = .user(try UserTarget(text))
        case "container": self = .container(try ContainerTarget(text))
        case "pid": self = .process(try ProcessTarget(text))
        default:
            throw EnrolmentError(
                .invalid, "the kind of the enrolment is '\(kind)'",
                remedy: "set it to one of \(Self.kinds.joined(separator: ", "))")
        }
    }

    /// The kind, as requests and files name it.
    package var kind: String {
        switch self {
        case .networkNamespace: "netns"
        case .unit: "unit"
        case .slice: "slice"
        case .user: "user"
        case .container: "container"
        case .process: "pid"
        }
    }

    /// The name, as requests and files give it.
    package var text: String {
        switch self {
        case .networkNamespace(let target): target.text
        case .unit(let target): target.name
        case .slice(let target): target.name
        case .user(let target): target.text
        case .container(let target): target.text
        case .process(let target): "\(target.number)"
        }
    }

    /// The name that a workload has which was given none; empty where none can be had from the target.
    package var workloadName: String {
        switch self {
        case .networkNamespace(let target): target.name ?? ""
        case .unit(let target): String(target.name.dropLast(".service".count).map { $0 == "@" ? "-" : $0 })
        case .slice(let target): String(target.name.dropLast(".slice".count))
        case .user(let target): target.text
        case .container(let target): target.name
        case .process: ""
        }
    }

    /// For sentences: "the unit frontend.service".
    package var description: String {
        switch self {
        case .networkNamespace: "the network namespace \(text)"
        case .unit: "the unit \(text)"
        case .slice: "the slice \(text)"
        case .user: "the user \(text)"
        case .container: "the container \(text)"
        case .process: "the process \(text)"
        }
    }
}
