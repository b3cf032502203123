/// All resources of one type at one moment, with the names that lead to them.
package struct DiscoveryTable: Sendable {
    /// By resource name.
    package private(set) var resources: [String: DiscoveryResource] = [:]
    /// Alias to resource names; an address that several workloads of a host share leads to all of them.
    package private(set) var aliases: [String: [String]] = [:]
    /// Service name to the uids of its workloads: who subscribes to a service by name needs its endpoints too.
    package private(set) var members: [String: [String]] = [:]

    /// Builds the table; of two resources with one name the later one stands.
    package init(_ all: [DiscoveryResource], members: [String: [String]] = [:]) {
        resources.reserveCapacity(all.count)
        for resource in all {
            resources[resource.name] = resource
            for alias in resource.aliases { aliases[alias, default: []].append(resource.name) }
        }
        self.members = members
    }

    /// The resource names that a subscription to `name` brings; empty where nothing has that name.
    package func names(for name: String) -> [String] {
        let direct = resources[name] != nil ? [name] : aliases[name] ?? []
        return direct.flatMap { found in [found] + (members[found] ?? []) }
    }
}
