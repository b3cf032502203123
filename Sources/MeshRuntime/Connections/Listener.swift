package import LinuxSystem

/// Accepts connections of one listening socket. Confined to its loop.
///
/// Several loops may each have a listener on a duplicate of one socket: the kernel then wakes one of them a connection, the
/// one that has waited longest, since a listener that has accepted goes to the end of the queue (`isShared`). When descriptors or memory run out the listener pauses, connections wait in the kernel's queue, and existing ones are not hurt.
package final class Listener: EventSource {
    /// How a connection is taken; tests put the kernel's refusals in its place.
    package typealias Accept = (CInt) throws(Errno) -> AcceptedSocket?

    private var socket: Descriptor?
    private let onAccept: (consuming Descriptor, SocketAddress) -> Void
    private let accept: Accept
    private let isShared: Bool
    private var keeps: AnyObject?
    private var pause: TimerID?
    /// Where it listens.
    package let address: SocketAddress
    /// Connections taken.
    package private(set) var accepted: UInt64 = 0
    /// Times it paused because descriptors or memory had run out.
    package private(set) var pauses: UInt64 = 0

    /// Starts accepting. `onAccept` gets the connection (nonblocking, close-on-exec) and who opened it. Throws when the kernel
    /// refuses to watch one more descriptor. `isShared`: other loops accept from the same socket. `keeps` lives
    /// until `close`. Where `isAccepting` is false, connections wait in the kernel until `start`.
    package init(
        loop: EventLoop, socket: consuming Descriptor, isShared: Bool = false, keeps: AnyObject? = nil,
        isAccepting: Bool = true, accept: @escaping Accept = Socket.accept,
        onAccept: @escaping (consuming Descriptor, SocketAddress) -> Void
    ) throws(Errno) {
        address = try Socket.localAddress(socket.raw)
        self.socket = consume socket
        self.onAccept = onAccept
        self.accept = accept
        self.isShared = isShared
        self.keeps = keeps
        super.init(loop: loop)
        guard !isAccepting || watch() else { throw .noMemory }
    }

    /// Begins to accept, where it was made to wait for this.
    package func start() {
        if socket != nil, token == EventSource.unregistered, pause == nil, !watch() { pauseAccepting() }
    }

    /// Stops accepting and closes this loop's handle of the socket. Connections that were accepted go on.
    package func close() {
        guard socket != nil else { return }
        if let pause { loop.cancel(pause) }
        pause = nil
        loop.deregister(self, socket?.raw)
        socket = nil
        keeps = nil
    }

    private func watch() -> Bool {
        guard let raw = socket?.raw else { return false }
        return loop.register(self, raw, [.readable, .exclusive])
    }

    override func handle(_ events: EpollEvents) {
        // One at a time from a shared queue: the first to wake must not take everything that the others would.
        for _ in 0..<(isShared ? 1 : RuntimeLimits.acceptsPerTurn) {
            guard let raw = socket?.raw else { return }
            do throws(Errno) {
                guard let connection = try accept(raw) else { return }
                let peer = connection.peer
                accepted &+= 1
                onAccept(connection.takeDescriptor(), peer)
            } catch {
                // A connection that was reset while it waited costs nothing; the next may be good.
                if error.isExhaustion { return pauseAccepting() }
            }
        }
        if isShared { yieldTurn() }
    }

    /// Goes to the end of the kernel's queue of those who wait for this socket, which wakes the first one that is idle.
    private func yieldTurn() {
        guard socket != nil else { return }
        loop.deregister(self, socket?.raw)
        if !watch() { pauseAccepting() }
    }

    private func pauseAccepting() {
        pauses &+= 1
        loop.deregister(self, socket?.raw)
        pause = loop.schedule(after: RuntimeLimits.acceptPause) { [weak self] in
            guard let self else { return }
            pause = nil
            if !watch() { pauseAccepting() }
        }
    }
}
