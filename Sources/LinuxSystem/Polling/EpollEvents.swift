/// Bits of epoll events and interests.
package struct EpollEvents: OptionSet, Sendable {
    /// The kernel's bits.
    package let rawValue: UInt32

    /// Any combination of bits.
    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// EPOLLIN
    package static let readable = EpollEvents(rawValue: 0x1)
    /// EPOLLOUT
    package static let writable = EpollEvents(rawValue: 0x4)
    /// EPOLLERR; always reported.
    package static let error = EpollEvents(rawValue: 0x8)
    /// EPOLLHUP; always reported: both directions are closed.
    package static let hangUp = EpollEvents(rawValue: 0x10)
    /// EPOLLRDHUP: the peer sent FIN.
    package static let peerClosed = EpollEvents(rawValue: 0x2000)
    /// EPOLLEXCLUSIVE: of several loops that watch one descriptor, only one wakes.
    package static let exclusive = EpollEvents(rawValue: 1 << 28)
    /// EPOLLET: one event for each change, not for each wait.
    package static let edgeTriggered = EpollEvents(rawValue: 1 << 31)
}
