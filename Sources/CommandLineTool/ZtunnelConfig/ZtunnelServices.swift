import ArgumentParser
import MeshModel

/// `ambitctl ztunnel-config services`: the services that ztunnel knows.
struct ZtunnelServices: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "services", abstract: "Shows the services that ztunnel knows.",
        aliases: ["service", "svc", "s"])

    @OptionGroup var admin: AdminOptions

    @Option(name: .customLong("service-namespace"), help: "Only services of this namespace.")
    var namespace: String?

    @Option(help: "Only the services with this virtual IP address.")
    var address: String?

    func run() async throws {
        let dump = try await admin.dump()
        let services = dump.services.filter { service in
            (namespace == nil || service["namespace"]?.asString == namespace)
                && (address == nil || Self.addresses(service).contains { $0 == address })
        }
        admin.print(.array(services)) { Self.table(services, dump: dump) }
    }

    /// NAMESPACE, SERVICE NAME, SERVICE VIP, WAYPOINT, ENDPOINTS (healthy of all), sorted by namespace and name.
    static func table(_ services: [JSONValue], dump: ConfigDump) -> Table {
        let rows = services.map { service in
            [
                service["namespace"]?.asString ?? "", service["name"]?.asString ?? "",
                addresses(service).joined(separator: ","), dump.waypointName(service["waypoint"]), endpoints(service),
            ]
        }
        return Table(
            ["NAMESPACE", "SERVICE NAME", "SERVICE VIP", "WAYPOINT", "ENDPOINTS"],
            rows: rows.sorted { $0.lexicographicallyPrecedes($1) })
    }

    private static func addresses(_ service: JSONValue) -> [String] {
        (service["vips"]?.strings ?? []).map(ConfigDump.withoutNetwork)
    }

    private static func endpoints(_ service: JSONValue) -> String {
        let endpoints = service["endpoints"]?.members.map(\.value) ?? service["endpoints"]?.elements ?? []
        let healthy = endpoints.filter { ($0["status"]?.asString ?? "Healthy") == "Healthy" }
        return "\(healthy.count)/\(endpoints.count)"
    }
}
