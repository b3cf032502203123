import ArgumentParser
import MeshModel

/// `ambitctl ztunnel-config connections`: the connections that ztunnel carries for this host's workloads.
struct ZtunnelConnections: AsyncParsableCommand {
    /// Which way a connection goes, seen from this host's workload.
    enum Direction: String, ExpressibleByArgument, CaseIterable, Sendable {
        case inbound
        case outbound
    }

    static let configuration = CommandConfiguration(
        commandName: "connections", abstract: "Shows the connections that ztunnel carries.",
        aliases: ["connection", "conn"])

    @OptionGroup var admin: AdminOptions

    @Option(name: .customLong("workload-namespace"), help: "Only connections of this namespace's workloads.")
    var namespace: String?

    @Option(help: "Only inbound or only outbound connections.")
    var direction: Direction?

    @Flag(help: "Print addresses instead of names.")
    var raw = false

    func run() async throws {
        let dump = try await admin.dump()
        let workloads = dump.localWorkloads.filter {
            namespace == nil || $0.state["info"]?["namespace"]?.asString == namespace
        }
        let value = JSONValue(members: workloads.map { ($0.uid, selected($0.state)) })
        let names = raw ? AddressNames.none : AddressNames(dump)
        admin.print(value) { Self.table(workloads.map { selected($0.state) }, names: names) }
    }

    /// The state without the direction that was not asked for.
    private func selected(_ state: JSONValue) -> JSONValue {
        guard let direction else { return state }
        let unwanted = direction == .inbound ? "outbound" : "inbound"
        let connections = (state["connections"]?.members ?? []).filter { $0.name != unwanted }
        return JSONValue(
            members: state.members.map { $0.name == "connections" ? ($0.name, JSONValue(members: connections)) : $0 })
    }

    /// WORKLOAD, DIRECTION, LOCAL, REMOTE, REMOTE TARGET, PROTOCOL. For an inbound connection the remote side is the
    /// client; for an outbound one it is the workload chosen, and the target is what the application asked for.
    static func table(_ states: [JSONValue], names: AddressNames) -> Table {
        var rows: [[String]] = []
        for state in states {
            let info = state["info"]
            let workload = "\(info?["name"]?.asString ?? "-").\(info?["namespace"]?.asString ?? "-")"
            for connection in state["connections"]?["inbound"]?.elements ?? [] {
                rows.append([
                    workload, "Inbound", names.name(connection["actualDst"]), names.name(connection["src"]), "",
                    connection["protocol"]?.asString ?? "",
                ])
            }
            for connection in state["connections"]?["outbound"]?.elements ?? [] {
                rows.append([
                    workload, "Outbound", names.name(connection["src"]), names.name(connection["actualDst"]),
                    names.name(connection["originalDst"]), connection["protocol"]?.asString ?? "",
                ])
            }
        }
        return Table(["WORKLOAD", "DIRECTION", "LOCAL", "REMOTE", "REMOTE TARGET", "PROTOCOL"], rows: rows)
    }
}
