package import LinuxSystem
import MeshModel

/// The guard against connections that would come back to the ztunnel itself (Z 1, 3).
package enum SelfCallGuard {
    /// Whether a captured connection was made to us on purpose: to an illegal port of the loopback (Z 3, step 1), or
    /// without any redirection to the capture port itself.
    package static func isSelfCall(_ destination: SocketAddress, acceptedOn local: SocketAddress, port: UInt16) -> Bool
    {
        guard Ports.isCaptured(destination.port) else { return false }
        return destination.isLoopback || (destination == local && destination.port == port)
    }
}
