import LinuxNetfilter
import MeshModel
import NodeCore

/// The addresses of this host that its workloads are reported with.
enum HostAddresses {
    /// Those of the interfaces that a default route leaves by: what other hosts can reach, without the bridges of container
    /// engines, whose addresses are the same on every host. Without a default route, those of all interfaces but loopback.
    static func choose(_ addresses: [InterfaceAddress], defaultInterfaces: Set<UInt32>) -> [IPAddress] {
        let global = addresses.filter { $0.isGlobal && $0.interface != NetworkInterface.loopbackIndex }
        let reachable = global.filter { defaultInterfaces.contains($0.interface) }
        return (reachable.isEmpty ? global : reachable).compactMap { IPAddress(bytes: $0.bytes) }
    }
}
