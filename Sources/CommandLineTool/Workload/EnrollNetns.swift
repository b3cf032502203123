import ArgumentParser
import MeshModel

/// `ambitctl enroll netns`: brings a network namespace into the mesh and waits until it takes part.
struct EnrollNetns: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "netns",
        abstract: "Brings a network namespace into the mesh.",
        discussion: """
            New connections of the namespace are carried by ztunnel from now on; established ones go on as they are. \
            Repeating the command changes nothing.
            """)

    @Argument(help: "Name of the network namespace (ip netns), or a path such as /proc/PID/ns/net.")
    var target: String

    @Option(name: .shortAndLong, help: "Namespace of the workload.")
    var namespace: String

    @Option(name: [.customLong("service-account"), .customLong("sa")], help: "Service account: who the workload is.")
    var serviceAccount: String

    @Option(help: "Name of the workload in the mesh; else the network namespace's.")
    var name: String?

    @Option(help: "Labels, which services and policies select by: app=web,version=v1.")
    var labels: [LabelList] = []

    @Option(
        name: [.customLong("port"), .customLong("ports")],
        help: "NAME:PORT on which the workload serves, for services whose targetPort is a name.")
    var ports: [NamedPort] = []

    @Option(help: "Share of the load among a service's workloads.")
    var weight: Int?

    @Option(help: "REGION/ZONE/SUBZONE.")
    var locality: String?

    @OptionGroup var node: NodeOptions

    func validate() throws {
        if let weight, weight < 1 { throw ValidationError("--weight must be at least 1, not \(weight).") }
        if name == nil, target.contains("/") {
            throw ValidationError("A namespace given by its path needs --name.")
        }
        if node.timeout < 0 { throw ValidationError("--timeout must not be negative.") }
    }

    func run() async throws {
        let terminal = Terminal.current
        let client = node.client
        let enrolment = Enrolment(
            kind: "netns", target: target, name: name ?? target, namespace: namespace, serviceAccount: serviceAccount,
            labels: labels.flatMap(\.labels), ports: ports.map { ($0.name, $0.port) }, weight: weight,
            locality: locality)
        let workload = try await client.enrol(enrolment)
        let ready = try await Readiness.wait(for: workload, on: client, seconds: node.timeout)
        let title = "workload \(ready.namespace)/\(ready.name)"
        guard ready.isReady else {
            let missing = ready.missing.map { "\n  missing: \($0.what)\n  next: \($0.next)" }.joined()
            throw CommandFailure(
                "\(title) is enrolled (its traffic is captured), but not ready after \(node.timeout) s\(missing)")
        }
        let addresses = ready.addresses.isEmpty ? "" : ", at \(ready.addresses.joined(separator: ", "))"
        terminal.printLine("\(title) enrolled as \(namespace)/\(serviceAccount)\(addresses): ready")
    }
}
