/// The indices of a snapshot. The builder changes its copy; each snapshot keeps the copy that it was made with.
struct SnapshotTables: Sendable {
    var workloads = ShardedTable<String, Workload>()
    /// Workloads by address, best ranked first. Without those of the host's network.
    var workloadsByAddress = ShardedTable<NetworkAddress, [Workload]>()
    /// Those of the host's network by the host's addresses, best ranked first.
    var hostWorkloadsByAddress = ShardedTable<NetworkAddress, [Workload]>()
    /// Workloads by the ports that their services lead to.
    var workloadsByPort = ShardedTable<WorkloadPort, [Workload]>()
    var workloadsByHostname = ShardedTable<String, [Workload]>()
    /// Workloads by "namespace/name".
    var workloadsByName = ShardedTable<String, [Workload]>()

    var services = ShardedTable<ServiceName, Service>()
    var servicesByHostname = ShardedTable<String, [Service]>()
    var servicesByAddress = ShardedTable<NetworkAddress, [Service]>()
    var servicesByRange = RangeTable()
    /// Endpoints by service, ordered by uid. Those of services that are not known (yet) wait here for them.
    var endpoints = ShardedTable<ServiceName, [Endpoint]>()

    var policies = ShardedTable<PolicyName, Authorization>()
    var policiesByNamespace = ShardedTable<String, [Authorization]>()
    var globalPolicies: [Authorization] = []

    // MARK: services

    mutating func insert(_ service: Service) {
        remove(service: service.key)
        services[service.key] = service
        servicesByHostname.update(service.hostname, initial: []) { list in
            list.insertOrdered(service)
            return true
        }
        for address in service.addresses {
            servicesByAddress.update(address, initial: []) { list in
                list.insertOrdered(service)
                return true
            }
        }
        for range in Set(service.ranges) { servicesByRange.insert(service, at: range) }
    }

    mutating func remove(service key: ServiceName) {
        guard let service = services[key] else { return }
        services[key] = nil
        servicesByHostname.update(service.hostname, initial: []) { list in
            list.removeAll { $0.key == key }
            return !list.isEmpty
        }
        for address in service.addresses {
            servicesByAddress.update(address, initial: []) { list in
                list.removeAll { $0.key == key }
                return !list.isEmpty
            }
        }
        for range in Set(service.ranges) { servicesByRange.remove(key, at: range) }
    }

    // MARK: policies

    mutating func insert(_ policy: Authorization) {
        remove(policy: policy.key)
        policies[policy.key] = policy
        switch policy.scope {
        case .global:
            globalPolicies.insertOrdered(policy)
        case .namespace:
            policiesByNamespace.update(policy.namespace, initial: []) { list in
                list.insertOrdered(policy)
                return true
            }
        case .workloadSelector:
            break
        }
    }

    mutating func remove(policy key: PolicyName) {
        guard let policy = policies[key] else { return }
        policies[key] = nil
        switch policy.scope {
        case .global:
            globalPolicies.removeAll { $0.key == key }
        case .namespace:
            policiesByNamespace.update(policy.namespace, initial: []) { list in
                list.removeAll { $0.key == key }
                return !list.isEmpty
            }
        case .workloadSelector:
            break
        }
    }
}
