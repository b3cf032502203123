package import ArgumentParser
import MeshModel

/// `ambitctl enroll netns`: brings a network namespace into the mesh and waits until it takes part.
package struct EnrollNetns: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "netns",
        abstract: "Brings a network namespace into the mesh.",
        discussion: """
            New connections of the namespace are carried by ztunnel from now on; established ones go on as they are. \
            Repeating the command changes nothing.
            """)

    @Argument(help: "Name of the network namespace (ip netns), or a path such as /proc/PID/ns/net.")
    package var target: String

    @Option(name: .shortAndLong, help: "Namespace of the workload.")
    package var namespace: String

    @Option(name: [.customLong("service-account"), .customLong("sa")], help: "Service account: who the workload is.")
    package var serviceAccount: String

    @Option(help: "Name of the workload in the mesh; else the network namespace's.")
    package var name: String?

    @Option(help: "Labels, which services and policies select by: app=web,version=v1.")
    package var labels: [LabelList] = []

    @Option(
        name: [.customLong("port"), .customLong("ports")],
        help: "NAME:PORT on which the workload serves, for services whose targetPort is a name.")
    package var ports: [NamedPort] = []

    @Option(help: "Share of the load among a service's workloads.")
    package var weight: Int?

    @Option(help: "REGION/ZONE/SUBZONE.")
    package var locality: String?

    @OptionGroup package var node: NodeOptions

    package init() {}

    package func validate() throws {
        if let weight, weight < 1 { throw ValidationError("--weight must be at least 1, not \(weight).") }
        if name == nil, target.contains("/") {
            throw ValidationError("A namespace given by its path needs --name.")
        }
        if node.timeout < 0 { throw ValidationError("--timeout must not be negative.") }
    }

    package func run() async throws {
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
