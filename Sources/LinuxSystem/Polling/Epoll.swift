internal import CLinux

/// One epoll instance and the buffer that its events arrive in. Owned and used by one thread.
@safe
package struct Epoll: ~Copyable {
    /// Events taken in one call.
    package static let batch = 256

    private let descriptor: Descriptor
    // Sound: allocated once with `batch` elements, freed in deinit by the only owner.
    private let events: UnsafeMutablePointer<clinux_event>

    /// Makes an instance, close-on-exec.
    package init() throws(Errno) {
        descriptor = Descriptor(taking: try Errno.check(clinux_epoll_create()))
        unsafe events = .allocate(capacity: Self.batch)
        unsafe events.initialize(repeating: clinux_event(events: 0, data: 0), count: Self.batch)
    }

    deinit {
        unsafe events.deallocate()
    }

    /// Watches `socket`; events carry `token`.
    package borrowing func add(_ socket: CInt, _ interest: EpollEvents, token: UInt64) throws(Errno) {
        _ = try Errno.check(clinux_epoll_control(descriptor.raw, 1, socket, interest.rawValue, token))
    }

    /// Changes what is watched.
    package borrowing func modify(_ socket: CInt, _ interest: EpollEvents, token: UInt64) throws(Errno) {
        _ = try Errno.check(clinux_epoll_control(descriptor.raw, 3, socket, interest.rawValue, token))
    }

    /// Stops watching. Closing the last descriptor of a file does it too.
    package borrowing func remove(_ socket: CInt) throws(Errno) {
        _ = try Errno.check(clinux_epoll_control(descriptor.raw, 2, socket, 0, 0))
    }

    /// Waits until an event comes or the time is over (-1: no end), and returns the number of events taken. A signal ends
    /// the wait early with 0.
    package borrowing func wait(milliseconds: CInt) throws(Errno) -> Int {
        Int(try Errno.check(unsafe clinux_epoll_wait(descriptor.raw, events, CInt(Self.batch), milliseconds)))
    }

    /// An event of the last `wait`. `index` must be below the number that it returned.
    package borrowing func event(_ index: Int) -> (events: EpollEvents, token: UInt64) {
        precondition(index >= 0 && index < Self.batch)
        // Sound: the index was just checked against the allocation.
        let event = unsafe events[index]
        return (EpollEvents(rawValue: event.events), event.data)
    }
}
