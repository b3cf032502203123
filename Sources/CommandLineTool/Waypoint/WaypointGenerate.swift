import ArgumentParser

/// `ambitctl waypoint generate`: prints what `apply` would make.
struct WaypointGenerate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "Prints the Service of a waypoint, and changes nothing.")

    @Option(help: "Name of the waypoint.")
    var name = WaypointService.defaultName

    @Option(name: .customLong("for"), help: "What it takes: traffic to services, to workloads, all, or none.")
    var traffic: WaypointService.Traffic = .service

    @Option(name: .shortAndLong, help: "Namespace.")
    var namespace = "default"

    func run() {
        let service = WaypointService(namespace: namespace, name: name, traffic: traffic)
        Terminal.current.write(YAMLWriter.text(service.document))
    }
}
