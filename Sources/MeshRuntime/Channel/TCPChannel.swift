import HTTPWire
import LinuxSystem

/// A channel over a TCP connection.
@safe
final class TCPChannel: ByteChannel {
    /// Bytes that the owner may hold back before reading stops, at most.
    private static let window = 256 * 1024

    /// Bytes that one event may gather before they are sent: small pieces (a head, the content after it) leave in one call.
    private static let gathered = 16 * 1024

    private let connection: TCPConnection
    // The property marked unchecked is changed by nothing that leads back to it (docs/design/bench.md).
    @safe @exclusivity(unchecked) private var pieces: [UInt8] = []
    /// Bytes that were delivered and not credited.
    private var uncredited = 0
    /// As many as the account knows of. While bytes are being delivered it is not told: most are credited in that very call.
    private var accounted = 0
    private var isDelivering = false
    private let memory: HeldMemory?
    /// Reading has stopped until the owner credits.
    private var isFull = false
    private var hasEnded = false

    init(_ connection: TCPConnection) {
        self.connection = connection
        memory = connection.loop.memory
        super.init(connection.loop)
    }

    deinit { settle(0) }

    /// Bytes that the owner may hold back now.
    private var window: Int { memory?.readAllowance(upTo: Self.window) ?? Self.window }

    /// The owner holds so many bytes from here on.
    private func settle(_ held: Int) {
        uncredited = held
        guard held != accounted else { return }
        memory?.carry(held - accounted)
        accounted = held
    }

    override var queuedBytes: Int { connection.pendingBytes }
    override var untakenBytes: Int {
        connection.pendingBytes + (isOpen ? Socket.unacknowledgedBytes(connection.raw) : 0)
    }
    override var isOpen: Bool { connection.isOpen }

    override func start() {
        connection.attach(self)
        loop.continueNextTurn(connection)
    }

    override func send(_ bytes: UnsafeRawBufferPointer) {
        guard isOpen, bytes.count > 0 else { return }
        // Behind what waits for the kernel there is nothing to gather for.
        guard pieces.count + bytes.count <= Self.gathered, !connection.hasBacklog else {
            sendPieces()
            return unsafe pass(bytes)
        }
        if pieces.isEmpty { pieces = loop.buffers.pieces.take() }
        unsafe pieces.append(contentsOf: bytes)
        if sendsByTurn { loop.flushAtTurnEnd(connection) } else { loop.flushAfterEvent(connection) }
    }

    private func sendPieces() {
        guard !pieces.isEmpty else { return }
        unsafe pieces.withUnsafeBytes { unsafe pass($0) }
        loop.buffers.pieces.give(&pieces)
    }

    private func pass(_ bytes: UnsafeRawBufferPointer) {
        guard isOpen else { return }
        // Sound: sending only reads.
        var vector = unsafe IOVector(
            base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), count: bytes.count)
        do throws(Errno) {
            _ = unsafe try connection.send(&vector, count: 1, total: bytes.count)
        } catch {
            connection.flags.insert(.broken)
            loop.continueNextTurn(connection)
        }
    }

    override func credit(_ count: Int) {
        uncredited = max(0, uncredited - count)
        if !isDelivering { settle(uncredited) }
        guard isFull, isOpen, uncredited < window else { return }
        isFull = false
        // Not at once: the caller may be reading the worker's buffer.
        loop.continueNextTurn(connection)
    }

    override func finish() {
        sendPieces()
        connection.finishWriting()
    }

    override func close(reset: Bool) {
        if reset { pieces = [] } else { sendPieces() }
        forget()
        settle(0)
        if reset { connection.reset() } else { connection.close() }
    }

    override func connectionReady(_ connection: TCPConnection) {
        if connection.flags.contains(.broken) {
            let reason = "\(connection.peer): \(connection.takeError())"
            connection.close()
            return lost(reason)
        }
        if connection.hasBacklog, connection.flags.contains(.writable) {
            do throws(Errno) {
                _ = try connection.flush()
            } catch {
                connection.close()
                return lost("\(connection.peer): \(error)")
            }
            if !connection.hasBacklog { onRoom?() }
        }
        read()
    }

    override func connectionResumed(_ connection: TCPConnection) { connectionReady(connection) }

    override func connectionTurnEnded(_ connection: TCPConnection) { sendPieces() }

    private func read() {
        var budget = RuntimeLimits.streamBytesPerTurn
        while isOpen, !hasEnded, connection.flags.contains(.readable) {
            guard budget > 0 else { return loop.continueNextTurn(connection) }
            let room = window - uncredited
            guard room > 0 else {
                isFull = true
                return
            }
            do throws(Errno) {
                guard case .bytes(let count) = try connection.readPlain(upTo: room) else { return }
                guard count > 0 else {
                    connection.flags.remove(.readable)
                    hasEnded = true
                    onEnd?()
                    return
                }
                budget -= count
                uncredited += count
                isDelivering = true
                unsafe onBytes?(UnsafeRawBufferPointer(rebasing: loop.buffers.received[..<count]))
                isDelivering = false
                settle(uncredited)
            } catch {
                let reason = "\(connection.peer): \(error)"
                connection.close()
                return lost(reason)
            }
        }
    }
}
