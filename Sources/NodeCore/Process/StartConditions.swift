import Glibc
import LinuxSystem

/// What the process found at its start, apart from its settings.
package struct StartConditions: Sendable {
    /// Listening sockets that systemd kept.
    package var inherited: [SocketName: SocketHandover] = [:]
    /// The generation that is to be replaced, if one is.
    package var predecessor: Predecessor?
    /// The service manager, if there is one.
    package var service: ServiceManager?
    /// WATCHDOG_USEC: how often it wants to hear that the program is alive; 0 for never.
    package var watchdogMicroseconds: UInt64 = 0
    /// Descriptors that the process may have.
    package var descriptorLimit: UInt64 = 1024

    /// A program started by hand.
    package init() {}

    /// What `environment` says, which is the same for every way to start. Raises the limit of descriptors.
    package init(_ environment: [String: String]) {
        service = ServiceManager(NotifySocket(environment["NOTIFY_SOCKET"]))
        if environment["WATCHDOG_PID"].map({ Int32($0) == getpid() }) ?? true {
            watchdogMicroseconds = environment["WATCHDOG_USEC"].flatMap(UInt64.init) ?? 0
        }
        if let limit = (try? DescriptorLimit.raise()) ?? (try? DescriptorLimit.current()) {
            descriptorLimit = limit.soft
        }
    }

    /// As the first process of a service, with the sockets that systemd kept.
    package static func first(_ environment: [String: String]) -> StartConditions {
        var start = StartConditions(environment)
        start.inherited = InheritedSockets.take(environment, process: getpid())
        return start
    }
}
