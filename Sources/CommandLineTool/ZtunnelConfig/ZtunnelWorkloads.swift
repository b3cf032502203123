import ArgumentParser
import MeshModel

/// `ambitctl ztunnel-config workloads`: the workloads that ztunnel knows, of this host and of others.
struct ZtunnelWorkloads: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workloads", abstract: "Shows the workloads that ztunnel knows.",
        aliases: ["workload", "w"])

    @OptionGroup var admin: AdminOptions

    @Option(name: .customLong("workload-namespace"), help: "Only workloads of this namespace.")
    var namespace: String?

    @Option(name: .customLong("workload-node"), help: "Only workloads of this node.")
    var node: String?

    @Option(help: "Only the workloads with this IP address.")
    var address: String?

    func run() async throws {
        let dump = try await admin.dump()
        let workloads = selected(in: dump)
        admin.print(.array(workloads)) { Self.table(workloads, dump: dump) }
    }

    private func selected(in dump: ConfigDump) -> [JSONValue] {
        dump.workloads.filter { workload in
            (namespace == nil || workload["namespace"]?.asString == namespace)
                && (node == nil || workload["node"]?.asString == node)
                && (address == nil || (workload["workloadIps"]?.elements ?? []).contains { $0.asString == address })
        }
    }

    /// NAMESPACE, POD NAME, ADDRESS, NODE, WAYPOINT, PROTOCOL, sorted by namespace and name.
    static func table(_ workloads: [JSONValue], dump: ConfigDump) -> Table {
        let rows = workloads.map { workload in
            let addresses = workload["workloadIps"]?.strings ?? []
            return [
                workload["namespace"]?.asString ?? "", workload["name"]?.asString ?? "",
                addresses.joined(separator: ","),
                workload["node"]?.asString ?? "", dump.waypointName(workload["waypoint"]),
                workload["protocol"]?.asString ?? "",
            ]
        }
        return Table(
            ["NAMESPACE", "POD NAME", "ADDRESS", "NODE", "WAYPOINT", "PROTOCOL"],
            rows: rows.sorted { $0.lexicographicallyPrecedes($1) })
    }
}
