import MeshModel

/// Ports of services, and where they lead at each workload.
enum PortTable {
    /// A service's port: its number, and the number or the name of the port at the workload.
    struct Port {
        let number: Int
        let target: Int
        let targetName: String?

        /// The port at a workload; nil if the workload has none of that name.
        func resolved(at workload: JSONValue) -> Int? {
            guard let targetName else { return target }
            return workload["spec"]?["ports"]?[targetName]?.integer
        }
    }

    /// NAME, PORT, PROTOCOL, TARGET.
    static func table(_ ports: [(port: JSONValue, number: Int?)]) -> Table {
        Table(
            ["NAME", "PORT", "PROTOCOL", "TARGET"],
            rows: ports.map { port, number in
                let target = port["targetPort"]?.asString ?? port["targetPort"]?.integer.map(String.init)
                return [
                    port["name"]?.asString ?? "", number.map(String.init) ?? "", port["protocol"]?.asString ?? "TCP",
                    target ?? number.map(String.init) ?? "",
                ]
            })
    }

    /// WORKLOAD, ADDRESS, SERVICE ACCOUNT, PORTS.
    static func endpoints(_ workloads: [JSONValue], ports: [Port]) -> Table {
        Table(
            ["WORKLOAD", "ADDRESS", "SERVICE ACCOUNT", "PORTS"],
            rows: workloads.map { workload in
                let targets = ports.map { port in
                    port.resolved(at: workload).map { "\(port.number)->\($0)" } ?? "\(port.number)->(none)"
                }
                return [
                    MeshView.name(workload), workload["spec"]?["address"]?.asString ?? "",
                    workload["spec"]?["serviceAccount"]?.asString ?? Defaults.serviceAccount, targets.joined(separator: " "),
                ]
            })
    }

    /// One line for each named port that some workloads do not have.
    static func unresolved(_ workloads: [JSONValue], ports: [Port]) -> [String] {
        ports.compactMap { port in
            guard let name = port.targetName else { return nil }
            let without = workloads.filter { port.resolved(at: $0) == nil }.map(MeshView.name)
            guard !without.isEmpty else { return nil }
            return "port \(port.number) leads to the port named \(name), which is missing at "
                + "\(without.joined(separator: ", ")); enrol again with --port \(name):NUMBER, or give targetPort a number"
        }
    }
}
