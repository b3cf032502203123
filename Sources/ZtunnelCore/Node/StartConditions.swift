package import NodeCore

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
}
