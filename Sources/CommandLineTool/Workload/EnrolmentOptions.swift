import ArgumentParser

/// What all kinds of enrolment have in common: who the workload is in the mesh.
struct EnrolmentOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: "Namespace of the workload.")
    var namespace: String

    @Option(name: [.customLong("service-account"), .customLong("sa")], help: "Service account: who the workload is.")
    var serviceAccount: String

    @Option(help: "Name of the workload in the mesh; else it is had from what is enrolled.")
    var name: String?

    @Option(help: "Labels, which services and policies select by: app=web,version=v1.")
    var labels: [LabelList] = []

    @Option(
        name: [.customLong("port"), .customLong("ports")],
        help: "NAME:PORT on which the workload serves; else the ports that it is seen to listen on.")
    var ports: [NamedPort] = []

    @Option(help: "Share of the load among a service's workloads.")
    var weight: Int?

    @Option(help: "REGION/ZONE/SUBZONE.")
    var locality: String?

    @Option(help: "WorkloadGroup of the namespace, whose template and probe hold for the workload.")
    var group: String?

    @OptionGroup var node: NodeOptions

    func validate() throws {
        if let weight, weight < 1 { throw ValidationError("--weight must be at least 1, not \(weight).") }
        if node.timeout < 0 { throw ValidationError("--timeout must not be negative.") }
    }

    /// Enrols and waits until the workload takes part in the mesh.
    func enrol(_ kind: TargetKind, _ target: String) async throws {
        let terminal = Terminal.current
        let client = node.client
        let enrolment = Enrolment(
            kind: kind.rawValue, target: target, name: name, namespace: namespace, serviceAccount: serviceAccount,
            labels: labels.flatMap(\.labels), ports: ports.map { ($0.name, $0.port) }, weight: weight,
            locality: locality, group: group)
        let workload = try await client.enrol(enrolment)
        let ready = try await Readiness.wait(for: workload, on: client, seconds: node.timeout)
        let title = "workload \(ready.namespace)/\(ready.name)"
        guard ready.isReady else {
            let missing = ready.missing.map { "\n  missing: \($0.what)\n  next: \($0.next)" }.joined()
            throw CommandFailure(
                "\(title) is enrolled (its traffic is captured), but not ready after \(node.timeout) s\(missing)")
        }
        let addresses = ready.addresses.isEmpty ? "" : ", at \(ready.addresses.joined(separator: ", "))"
        let ports = ready.ports.isEmpty ? "" : ", ports \(ready.ports)"
        terminal.printLine("\(title) enrolled as \(namespace)/\(serviceAccount)\(addresses)\(ports): ready")
        if let note = ready.note { terminal.printLine("  note: \(note); it takes connections when that changes") }
    }
}
