/// Bits of epoll events and interests. Inlined everywhere: each event of each turn is looked at several times.
@frozen
package struct EpollEvents: OptionSet, Sendable {
    /// The kernel's bits.
    package let rawValue: UInt32

    /// Any combination of bits.
    @inlinable
    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// EPOLLIN
    @inlinable package static var readable: EpollEvents { EpollEvents(rawValue: 0x1) }
    /// EPOLLPRI: urgent data of TCP has come (RFC 9293 section 3.8.5).
    @inlinable package static var urgent: EpollEvents { EpollEvents(rawValue: 0x2) }
    /// EPOLLOUT
    @inlinable package static var writable: EpollEvents { EpollEvents(rawValue: 0x4) }
    /// EPOLLERR; always reported.
    @inlinable package static var error: EpollEvents { EpollEvents(rawValue: 0x8) }
    /// EPOLLHUP; always reported: both directions are closed.
    @inlinable package static var hangUp: EpollEvents { EpollEvents(rawValue: 0x10) }
    /// EPOLLRDHUP: the peer sent FIN.
    @inlinable package static var peerClosed: EpollEvents { EpollEvents(rawValue: 0x2000) }
    /// EPOLLEXCLUSIVE: of several loops that watch one descriptor, only one wakes.
    @inlinable package static var exclusive: EpollEvents { EpollEvents(rawValue: 1 << 28) }
    /// EPOLLET: one event for each change, not for each wait.
    @inlinable package static var edgeTriggered: EpollEvents { EpollEvents(rawValue: 1 << 31) }

    /// All that is to be known of a TCP connection, by edges.
    @inlinable package static var stream: EpollEvents {
        EpollEvents(rawValue: 0x1 | 0x2 | 0x4 | 0x2000 | 1 << 31)
    }

    /// Whatever makes a read worth trying: data, FIN, or an error to be picked up.
    @inlinable package static var anyInput: EpollEvents { EpollEvents(rawValue: 0x1 | 0x8 | 0x10 | 0x2000) }

    /// True if one of the bits of `other` is set.
    @inlinable
    package func has(_ other: EpollEvents) -> Bool { rawValue & other.rawValue != 0 }
}
