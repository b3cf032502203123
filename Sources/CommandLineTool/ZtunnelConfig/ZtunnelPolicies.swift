import ArgumentParser
import MeshModel

/// `ambitctl ztunnel-config policies`: the authorization policies that ztunnel enforces.
struct ZtunnelPolicies: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policies", abstract: "Shows the authorization policies that ztunnel enforces.",
        aliases: ["policy", "pol", "p"])

    @OptionGroup var admin: AdminOptions

    @Option(name: .customLong("policy-namespace"), help: "Only policies of this namespace.")
    var namespace: String?

    func run() async throws {
        let policies = try await admin.dump().policies.filter {
            namespace == nil || $0["namespace"]?.asString == namespace
        }
        admin.print(.array(policies)) { Self.table(policies) }
    }

    /// NAMESPACE, POLICY NAME, ACTION, SCOPE, sorted by namespace and name.
    static func table(_ policies: [JSONValue]) -> Table {
        let rows = policies.map { policy in
            ["namespace", "name", "action", "scope"].map { policy[$0]?.asString ?? "" }
        }
        return Table(
            ["NAMESPACE", "POLICY NAME", "ACTION", "SCOPE"], rows: rows.sorted { $0.lexicographicallyPrecedes($1) })
    }
}
