import LinuxSystem

/// The sockets that systemd passes at the start (sd_listen_fds(3)): LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES.
package enum InheritedSockets {
    /// The first passed descriptor.
    private static let first: CInt = 3
    /// Descriptors that one process is passed; systemd's own limit is the unit's FileDescriptorStoreMax.
    package static let limit = 65_536

    /// What the variables announce, for the process `process`: names in order, nil for one that is not ours. Pure.
    package static func names(_ environment: [String: String], process: Int32) -> [SocketName?] {
        guard environment["LISTEN_PID"].flatMap(Int32.init) == process,
            let count = environment["LISTEN_FDS"].flatMap(Int.init), (1...limit).contains(count)
        else { return [] }
        let names = (environment["LISTEN_FDNAMES"] ?? "").split(separator: ":", omittingEmptySubsequences: false)
        return (0..<count).map { $0 < names.count ? SocketName(String(names[$0])) : nil }
    }

    /// Takes them over. To be called once, before anything else opens a descriptor; those without a name of ours, and
    /// those whose name came before, are closed.
    package static func take(_ environment: [String: String], process: Int32) -> [SocketName: SocketHandover] {
        var taken: [SocketName: SocketHandover] = [:]
        for (index, name) in names(environment, process: process).enumerated() {
            guard let socket = try? Descriptor(inheriting: first + CInt(index)) else { continue }
            if let name, taken[name] == nil { taken[name] = SocketHandover(socket) }
        }
        return taken
    }
}
