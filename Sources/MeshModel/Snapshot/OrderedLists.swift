extension [Service] {
    /// Puts `service` in its place by key, or in the place of the record of the same key.
    mutating func insertOrdered(_ service: Service) {
        let position = partition { $0.key < service.key }
        if position < count, self[position].key == service.key {
            self[position] = service
        } else {
            insert(service, at: position)
        }
    }
}

extension [Authorization] {
    /// Puts `policy` in its place by key, or in the place of the record of the same key.
    mutating func insertOrdered(_ policy: Authorization) {
        let position = partition { $0.key < policy.key }
        if position < count, self[position].key == policy.key {
            self[position] = policy
        } else {
            insert(policy, at: position)
        }
    }
}

extension [Workload] {
    /// Puts `workload` in its place by rank, which is the order in which workloads of one address are preferred: uids of
    /// instances ("//Pod/") first, then HBONE, then by uid (Z 3).
    mutating func insertRanked(_ workload: Workload) {
        let position = partition { $0.precedes(workload) }
        insert(workload, at: position)
    }

    /// Removes the workload of that uid.
    mutating func remove(uid: String) {
        if let position = firstIndex(where: { $0.uid == uid }) { remove(at: position) }
    }
}

extension Workload {
    fileprivate func precedes(_ other: Workload) -> Bool {
        let instance = uid.isInstanceUID
        if instance != other.uid.isInstanceUID { return instance }
        if tunnelProtocol != other.tunnelProtocol { return tunnelProtocol == .hbone }
        return uid < other.uid
    }
}

extension String {
    /// Whether the uid is of the form "cluster//Pod/namespace/name".
    fileprivate var isInstanceUID: Bool {
        let marker = "//Pod/".utf8
        let bytes = utf8
        var index = bytes.startIndex
        while let slash = bytes[index...].firstIndex(of: UInt8(ascii: "/")) {
            if bytes[slash...].starts(with: marker) { return true }
            index = bytes.index(after: slash)
        }
        return false
    }
}

extension Array {
    /// The first position whose element does not come before, in a list that is ordered by `comesBefore`.
    fileprivate func partition(_ comesBefore: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = low + (high - low) / 2
            if comesBefore(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
