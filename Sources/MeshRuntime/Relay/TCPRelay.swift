import HTTPWire
import LinuxSystem

/// A relay between two TCP connections.
@safe
final class TCPRelay: Relay {
    private let first: TCPConnection
    private let second: TCPConnection
    /// What of both ends' backlogs the account has.
    private var charged = 0

    init(_ first: TCPConnection, _ second: TCPConnection, _ onEnd: @escaping (RelayReport) -> Void) {
        self.first = first
        self.second = second
        super.init(first.loop, onEnd)
    }

    func begin() {
        guard first.isOpen, second.isOpen else {
            let outcome: RelayReport.Outcome = first.isOpen ? .resetBySecond : .resetByFirst
            first.reset()
            second.reset()
            return end(outcome)
        }
        first.attach(self)
        second.attach(self)
        connectionReady(first)
        connectionReady(second)
    }

    override func connectionReady(_ connection: TCPConnection) {
        guard !isOver else { return }
        let side: RelaySide = connection === first ? .first : .second
        if connection.flags.contains(.broken) { return broke(side) }
        if connection.hasBacklog, connection.flags.contains(.writable) {
            guard drain(connection, side) else { return }
        }
        move(from: side)
    }

    override func connectionResumed(_ connection: TCPConnection) {
        connectionReady(connection)
    }

    /// Bytes of one read, at most: what the sink does not take of them is held.
    private var allowance: Int {
        loop.memory?.readAllowance(upTo: RuntimeLimits.receiveBytes) ?? RuntimeLimits.receiveBytes
    }

    /// Tells the account what waits for both ends.
    private func settle() {
        guard let memory = loop.memory else { return }
        let held = first.pendingBytes + second.pendingBytes
        memory.carry(held - charged)
        charged = held
    }

    /// Both ends are closed.
    private func end(_ outcome: RelayReport.Outcome) {
        settle()
        finish(outcome)
    }

    /// Sends what waits for `sink`; true if the relay goes on. When it is all gone its source is read again.
    private func drain(_ sink: TCPConnection, _ side: RelaySide) -> Bool {
        do throws(Errno) {
            _ = try sink.flush()
            settle()
        } catch {
            broke(side)
            return false
        }
        let source: RelaySide = side == .first ? .second : .first
        if sink.flags.contains(.finished), progress.passed(source) {
            over()
            return false
        }
        if !sink.hasBacklog { move(from: source) }
        return !isOver
    }

    /// Moves bytes from one side to the other, one turn's share; the source waits while its sink has a backlog.
    private func move(from side: RelaySide) {
        let source = side == .first ? first : second
        let sink = side == .first ? second : first
        var budget = RuntimeLimits.streamBytesPerTurn
        while !isOver, progress[side] == .open, source.flags.contains(.readable), !sink.hasBacklog {
            guard budget > 0 else { return loop.continueNextTurn(source) }
            let count: Int
            do throws(Errno) {
                guard case .bytes(let got) = try source.readPlain(upTo: allowance) else { return }
                count = got
            } catch {
                return broke(side)
            }
            guard count > 0 else { return ended(side, source, sink) }
            self.count(count, from: side)
            budget -= count
            let vectors = unsafe loop.buffers.vectors
            unsafe vectors[0] = unsafe IOVector(base: loop.buffers.received.baseAddress, count: count)
            do throws(Errno) {
                if unsafe try sink.send(vectors, count: 1, total: count) < count { settle() }
            } catch {
                return error == .noMemory
                    ? fail("no memory for the bytes that wait for \(sink.peer)")
                    : broke(side == .first ? .second : .first)
            }
        }
    }

    private func ended(_ side: RelaySide, _ source: TCPConnection, _ sink: TCPConnection) {
        source.flags.remove(.readable)
        guard progress.ended(side) else { return }
        // The close that follows sends FIN by itself.
        if progress[side == .first ? .second : .first] == .passed, !sink.hasBacklog, progress.passed(side) {
            return over()
        }
        sink.finishWriting()
        if sink.flags.contains(.finished), progress.passed(side) { over() }
    }

    private func broke(_ side: RelaySide) {
        if side == .first {
            second.reset()
            first.close()
        } else {
            first.reset()
            second.close()
        }
        end(side == .first ? .resetByFirst : .resetBySecond)
    }

    private func fail(_ reason: String) {
        first.reset()
        second.reset()
        end(.failed(reason))
    }

    private func over() {
        first.close()
        second.close()
        end(.closed)
    }

    override func terminate(reset: Bool) {
        guard !isOver else { return }
        if reset {
            first.reset()
            second.reset()
        } else {
            first.close()
            second.close()
        }
        end(.terminated)
    }
}
