/// Services by ranges of virtual addresses.
///
/// One hash table holds all ranges; which prefix lengths exist is counted by network and family, so a lookup tries each
/// of them once, longest first: at most 33 (IPv4) or 129 (IPv6) probes, however many ranges there are.
struct RangeTable: Sendable {
    private struct Family: Hashable, Sendable {
        let network: String
        let isIPv4: Bool
    }

    private var services = ShardedTable<NetworkRange, [Service]>()
    private var lengths: [Family: [Int: Int]] = [:]

    /// Adds one range of a service.
    mutating func insert(_ service: Service, at range: NetworkRange) {
        services.update(range, initial: []) { list in
            list.insertOrdered(service)
            return true
        }
        let family = Family(network: range.network, isIPv4: range.range.address.isIPv4)
        lengths[family, default: [:]][range.range.prefixLength, default: 0] += 1
    }

    /// Removes one range of the service named `key`. Does nothing where it is not there.
    mutating func remove(_ key: ServiceName, at range: NetworkRange) {
        guard let list = services[range], let position = list.firstIndex(where: { $0.key == key }) else { return }
        services.update(range, initial: []) { list in
            list.remove(at: position)
            return !list.isEmpty
        }
        let family = Family(network: range.network, isIPv4: range.range.address.isIPv4)
        let left = (lengths[family]?[range.range.prefixLength] ?? 1) - 1
        lengths[family]?[range.range.prefixLength] = left > 0 ? left : nil
        if lengths[family]?.isEmpty == true { lengths[family] = nil }
    }

    /// The services whose ranges hold `address`, longest prefix first; services of one range by key.
    func services(containing address: NetworkAddress) -> [(range: CIDR, services: [Service])] {
        guard let lengths = lengths[Family(network: address.network, isIPv4: address.ip.isIPv4)] else { return [] }
        var found: [(range: CIDR, services: [Service])] = []
        for length in lengths.keys.sorted(by: >) {
            guard let range = CIDR(address.ip, prefixLength: length) else { continue }
            if let services = services[NetworkRange(network: address.network, range: range)] {
                found.append((range, services))
            }
        }
        return found
    }
}
