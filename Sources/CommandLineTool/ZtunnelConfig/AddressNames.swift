import MeshModel

/// The names behind addresses, from a config dump: `name.namespace:port` of a workload, `hostname:port` of a service.
struct AddressNames: Sendable {
    private let names: [String: String]

    /// Knows no names: addresses are shown as they are.
    static let none = AddressNames(names: [:])

    private init(names: [String: String]) {
        self.names = names
    }

    /// The names of all workloads and services of a dump.
    init(_ dump: ConfigDump) {
        var names: [String: String] = [:]
        for workload in dump.workloads {
            guard let name = workload["name"]?.asString, let namespace = workload["namespace"]?.asString else {
                continue
            }
            for address in workload["workloadIps"]?.elements ?? [] {
                if let address = address.asString { names[address] = "\(name).\(namespace)" }
            }
        }
        for service in dump.services {
            guard let hostname = service["hostname"]?.asString else { continue }
            for address in service["vips"]?.elements ?? [] {
                if let address = address.asString { names[ConfigDump.withoutNetwork(address)] = hostname }
            }
        }
        self.init(names: names)
    }

    /// The name for `1.2.3.4:80` or `[::1]:80`; the text itself if nobody is known there.
    func name(_ address: JSONValue?) -> String {
        guard let text = address?.asString, let colon = text.lastIndex(of: ":") else { return address?.asString ?? "" }
        let host = String(text[..<colon].filter { $0 != "[" && $0 != "]" })
        return names[host].map { $0 + text[colon...] } ?? text
    }
}
