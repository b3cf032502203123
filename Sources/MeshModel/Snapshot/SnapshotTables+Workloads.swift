extension SnapshotTables {
    /// Indexes `workload`, which must not be there, except as an endpoint.
    mutating func insert(_ workload: Workload) {
        workloads[workload.uid] = workload
        forEachKey(of: workload) { tables, key in
            switch key {
            case .address(let address):
                tables.workloadsByAddress.update(address, initial: []) {
                    $0.insertRanked(workload); return true
                }
            case .hostAddress(let address):
                tables.hostWorkloadsByAddress.update(address, initial: []) {
                    $0.insertRanked(workload); return true
                }
            case .port(let port):
                tables.workloadsByPort.update(port, initial: []) {
                    $0.insertRanked(workload); return true
                }
            case .hostname(let hostname):
                tables.workloadsByHostname.update(hostname, initial: []) {
                    $0.insertRanked(workload); return true
                }
            case .name(let name):
                tables.workloadsByName.update(name, initial: []) {
                    $0.insertRanked(workload); return true
                }
            }
        }
    }

    /// Takes the workload of that uid out of every index, except as an endpoint, and returns it.
    mutating func remove(workload uid: String) -> Workload? {
        guard let workload = workloads[uid] else { return nil }
        workloads[uid] = nil
        forEachKey(of: workload) { tables, key in
            switch key {
            case .address(let address):
                tables.workloadsByAddress.update(address, initial: []) {
                    $0.remove(uid: uid); return !$0.isEmpty
                }
            case .hostAddress(let address):
                tables.hostWorkloadsByAddress.update(address, initial: []) {
                    $0.remove(uid: uid); return !$0.isEmpty
                }
            case .port(let port):
                tables.workloadsByPort.update(port, initial: []) {
                    $0.remove(uid: uid); return !$0.isEmpty
                }
            case .hostname(let hostname):
                tables.workloadsByHostname.update(hostname, initial: []) {
                    $0.remove(uid: uid); return !$0.isEmpty
                }
            case .name(let name):
                tables.workloadsByName.update(name, initial: []) {
                    $0.remove(uid: uid); return !$0.isEmpty
                }
            }
        }
        return workload
    }

    /// Replaces endpoints of one service: those of `removed` go, `added` come. Costs what the service has endpoints.
    mutating func replaceEndpoints(of service: ServiceName, removed: Set<String>, added: [Endpoint]) {
        let added = added.sorted { $0.workload.uid < $1.workload.uid }
        endpoints.update(service, initial: []) { list in
            var merged: [Endpoint] = []
            merged.reserveCapacity(list.count + added.count)
            var next = added.startIndex
            for endpoint in list where !removed.contains(endpoint.workload.uid) {
                while next < added.endIndex, added[next].workload.uid < endpoint.workload.uid {
                    merged.append(added[next])
                    next += 1
                }
                merged.append(endpoint)
            }
            merged.append(contentsOf: added[next...])
            list = merged
            return !list.isEmpty
        }
    }

    private enum Key {
        case address(NetworkAddress)
        case hostAddress(NetworkAddress)
        case port(WorkloadPort)
        case hostname(String)
        case name(String)
    }

    private mutating func forEachKey(of workload: Workload, _ body: (inout SnapshotTables, Key) -> Void) {
        body(&self, .name("\(workload.namespace)/\(workload.name)"))
        if !workload.hostname.isEmpty { body(&self, .hostname(workload.hostname)) }
        var ports: Set<UInt16> = []
        for mappings in workload.services.values {
            for mapping in mappings where mapping.targetPort != 0 { ports.insert(mapping.targetPort) }
        }
        for ip in Set(workload.addresses) {
            let address = NetworkAddress(network: workload.network, ip: ip)
            body(&self, workload.networkMode == .standard ? .address(address) : .hostAddress(address))
            for port in ports { body(&self, .port(WorkloadPort(address: address, port: port))) }
        }
    }
}
