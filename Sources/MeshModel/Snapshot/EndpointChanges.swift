/// What one update does to the endpoint lists, gathered so that each list is rewritten once.
struct EndpointChanges {
    struct Change {
        var removed: Set<String> = []
        var added: [String: Endpoint] = [:]
    }

    private(set) var changes: [ServiceName: Change] = [:]

    /// The workload is no endpoint any more.
    mutating func remove(_ workload: Workload) {
        for service in workload.services.keys {
            changes[service, default: Change()].removed.insert(workload.uid)
            changes[service]?.added[workload.uid] = nil
        }
    }

    /// The workload is an endpoint of its services.
    mutating func insert(_ workload: Workload) {
        for (service, ports) in workload.services {
            changes[service, default: Change()].added[workload.uid] = Endpoint(workload: workload, ports: ports)
        }
    }
}
