import Glibc
package import LinuxNetfilter
package import LinuxSystem
package import MeshModel
import NodeCore

/// What the node must know of a network namespace before it takes a workload there.
package struct NamespaceFacts: Sendable {
    /// The namespace, held open.
    package let namespace: NetworkNamespace
    /// Addresses that other hosts can reach it at.
    package let addresses: [IPAddress]
    /// IPv4, and IPv6 if it is not switched off there.
    package let families: [AddressFamily]
    /// The ports that programs in it listen on, for others to reach.
    package let listening: [UInt16]

    /// Looks at the namespace of `target`. On the namespace thread; blocks for some system calls.
    package static func read(_ target: NamespaceTarget) throws(EnrolmentError) -> NamespaceFacts {
        let namespace = try open(target)
        let found: Result<NamespaceFacts, EnrolmentError>
        do throws(Errno) {
            found = try namespace.run { () throws(Errno) in
                look(namespace, target.text, loopbackRemedy: loopbackRemedy(target))
            }
        } catch {
            throw cannotEnter(target, error)
        }
        return try found.get()
    }

    /// Looks at a namespace that somebody gave as a descriptor; `name` is what the errors call it.
    package static func read(_ namespace: NetworkNamespace, name: String) throws(EnrolmentError) -> NamespaceFacts {
        let found: Result<NamespaceFacts, EnrolmentError>
        do throws(Errno) {
            let own = try NetworkNamespace.current()
            guard namespace.identity != own.identity else {
                throw Errno.invalidArgument
            }
            found = try namespace.run { () throws(Errno) in
                look(namespace, "of \(name)", loopbackRemedy: "set its interface lo up")
            }
        } catch {
            throw EnrolmentError(
                .failed, "the network namespace of \(name) cannot be entered: \(error)",
                remedy: "pass a descriptor of the workload's own network namespace, and run ztunnel with CAP_SYS_ADMIN")
        }
        return try found.get()
    }

    /// In the namespace.
    private static func look(
        _ namespace: NetworkNamespace, _ name: String, loopbackRemedy: String
    ) -> Result<NamespaceFacts, EnrolmentError> {
        do throws(NetfilterError) {
            var routes = try RouteTable()
            guard try routes.interfaces().contains(where: { $0.index == NetworkInterface.loopbackIndex && $0.isUp })
            else {
                return .failure(
                    EnrolmentError(
                        .failed,
                        "the loopback interface of the network namespace \(name) is down, and ztunnel needs it",
                        remedy: loopbackRemedy))
            }
            let addresses = try routes.addresses().filter(\.isGlobal).compactMap { IPAddress(bytes: $0.bytes) }
            let hasIPv6 = (try? StateDirectory.readFile("/proc/sys/net/ipv6/conf/lo/disable_ipv6"))?.first == 0x30
            var diagnostics = try SocketDiagnostics()
            let listening = ListeningPorts.of(try diagnostics.listeners()) { !$0.isLoopback }.map(\.port)
            return .success(
                NamespaceFacts(
                    namespace: namespace, addresses: addresses, families: hasIPv6 ? [.ipv4, .ipv6] : [.ipv4],
                    listening: listening))
        } catch {
            return .failure(
                EnrolmentError(
                    .failed, "the network namespace \(name) cannot be read: \(error)",
                    remedy: "run ztunnel with CAP_NET_ADMIN"))
        }
    }

    private static func open(_ target: NamespaceTarget) throws(EnrolmentError) -> NetworkNamespace {
        guard access(target.path, F_OK) == 0 else {
            throw EnrolmentError(
                .unknown, "there is no network namespace \(target.text) (\(target.path) is not there)",
                remedy: target.name == nil
                    ? "check the path" : "see `ip netns list`, or make it with `ip netns add \(target.text)`")
        }
        let namespace: NetworkNamespace
        let own: NetworkNamespace
        do throws(Errno) {
            namespace = try NetworkNamespace(path: target.path)
            own = try NetworkNamespace.current()
        } catch {
            throw cannotEnter(target, error)
        }
        guard namespace.identity != own.identity else {
            throw EnrolmentError(
                .invalid, "\(target.text) is the network namespace of ztunnel itself",
                remedy: "enrol the namespace of a workload; what shares the host's is enrolled by unit, slice or user")
        }
        return namespace
    }

    private static func cannotEnter(_ target: NamespaceTarget, _ error: Errno) -> EnrolmentError {
        EnrolmentError(
            .failed, "the network namespace \(target.text) (\(target.path)) cannot be entered: \(error)",
            remedy: "check that it is the file of a network namespace, and run ztunnel with CAP_SYS_ADMIN")
    }

    private static func loopbackRemedy(_ target: NamespaceTarget) -> String {
        let command =
            target.name.map { "ip -n \($0) link set lo up" } ?? "nsenter --net=\(target.path) ip link set lo up"
        return "run `\(command)` and enrol again"
    }
}
