package import LinuxSystem
import Synchronization

/// Every listening socket of the node, by name: adopted from the process before, or made; kept for the process after.
///
/// The one place that makes listening sockets or takes them over (docs/design/upgrade.md). Each caller gets a duplicate and a
/// lease; the store itself holds one descriptor a name. Bound: what enrolment and the pages ask for, seven a workload.
/// Thread: any.
package final class SocketStore: Sendable {
    /// Bytes of names, with a separator each, that systemd can hand to a process: one environment variable has at most
    /// 128 KiB (MAX_ARG_STRLEN). Sockets beyond are served, and are not there any more after a crash.
    package static let storedNameBytes = (128 << 10) - 64

    /// What the metrics page shows.
    package struct Counters: Hashable, Sendable {
        /// Sockets held.
        package var held = 0
        /// Taken over from the process before.
        package var adopted: UInt64 = 0
        /// Inherited sockets that nobody wanted, or that were not what their name said.
        package var stale: UInt64 = 0
        /// Sockets that are held and not in systemd's store because `storedNameBytes` was reached.
        package var notStored = 0

        /// Nothing yet.
        package init() {}
    }

    private final class Held {
        let socket: Descriptor
        let isStored: Bool
        var leases = 1

        init(_ socket: consuming Descriptor, isStored: Bool) {
            self.socket = socket
            self.isStored = isStored
        }
    }

    private struct State {
        var held: [SocketName: Held] = [:]
        var inherited: [SocketName: SocketHandover]
        var nameBytes: Int
        var isAbandoned = false
        var counters = Counters()
    }

    private let state: Mutex<State>
    private let service: ServiceManager?

    /// A store that adopts `inherited` as they are asked for. `service` keeps what is made here through a restart.
    package init(inherited: [SocketName: SocketHandover] = [:], service: ServiceManager? = nil) {
        self.service = service
        let bytes = inherited.keys.reduce(0) { $0 + Self.bytes($1) }
        state = Mutex(State(inherited: inherited, nameBytes: bytes))
    }

    /// Counted so far.
    package var counters: Counters { state.withLock { $0.counters } }

    /// Those that were inherited and that nobody has asked for yet, by name.
    package var unclaimed: [SocketName] {
        state.withLock { Array($0.inherited.keys) }.sorted { $0.description < $1.description }
    }

    /// The socket called `name`: the one that is held, else the inherited one if it is what the name says, else a new one
    /// that `make` opens on the calling thread. `isWanted` looks closer at an inherited one. One thread asks for one name at
    /// a time.
    package func socket(
        _ name: SocketName, isWanted: (CInt) -> Bool = { _ in true }, make: () throws(Errno) -> Descriptor
    ) throws(Errno) -> LeasedSocket {
        if let held = try duplicate(name) { return LeasedSocket(held, SocketLease(name, in: self)) }
        if let inherited = inherited(name, isWanted) { return try hold(inherited, name, isAdopted: true) }
        return try hold(try make(), name, isAdopted: false)
    }

    private func duplicate(_ name: SocketName) throws(Errno) -> Descriptor? {
        let held = state.withLock { state -> Result<SocketHandover, Errno>? in
            guard let held = state.held[name] else { return nil }
            do throws(Errno) {
                let copy = SocketHandover(try held.socket.duplicate())
                held.leases += 1
                return .success(copy)
            } catch {
                return .failure(error)
            }
        }
        return try held?.get().take()
    }

    private func inherited(_ name: SocketName, _ isWanted: (CInt) -> Bool) -> Descriptor? {
        let found = state.withLock { $0.inherited.removeValue(forKey: name) }
        guard let socket = found?.take() else { return nil }
        if name.describes(socket.raw), isWanted(socket.raw) { return socket }
        forget([name])
        return nil
    }

    private func hold(
        _ socket: consuming Descriptor, _ name: SocketName, isAdopted: Bool
    ) throws(Errno) -> LeasedSocket {
        let copy = try socket.duplicate()
        let isStored = isAdopted || keep(socket.raw, name)
        let slot = SocketHandover(socket)
        state.withLock { state in
            guard !state.isAbandoned, let socket = slot.take() else { return }
            state.held[name] = Held(socket, isStored: isStored)
            state.counters.held = state.held.count
            if isAdopted { state.counters.adopted += 1 }
            if !isStored { state.counters.notStored += 1 }
        }
        return LeasedSocket(copy, SocketLease(name, in: self))
    }

    /// Gives a new socket to systemd, if there is room for its name.
    private func keep(_ socket: CInt, _ name: SocketName) -> Bool {
        guard let service else { return false }
        let fits = state.withLock { state in
            guard state.nameBytes + Self.bytes(name) <= Self.storedNameBytes else { return false }
            state.nameBytes += Self.bytes(name)
            return true
        }
        if fits { service.store(socket, name) }
        return fits
    }

    func release(_ name: SocketName) {
        let isGone = state.withLock { state in
            guard !state.isAbandoned, let held = state.held[name] else { return false }
            held.leases -= 1
            guard held.leases == 0 else { return false }
            state.held[name] = nil
            state.counters.held = state.held.count
            if held.isStored { state.nameBytes -= Self.bytes(name) } else { state.counters.notStored -= 1 }
            return held.isStored
        }
        if isGone { service?.forget(name) }
    }

    /// Drops what the process before left and nobody asked for: its workload or its namespace is gone. Returns the names.
    @discardableResult
    package func dropUnclaimed() -> [SocketName] {
        let unclaimed = state.withLock { state in
            let unclaimed = state.inherited
            state.inherited = [:]
            return unclaimed
        }
        // Closed here: whoever brought them may still refer to them.
        for socket in unclaimed.values { _ = socket.take() }
        forget(Array(unclaimed.keys))
        return unclaimed.keys.sorted { $0.description < $1.description }
    }

    private func forget(_ names: [SocketName]) {
        state.withLock { state in
            state.counters.stale += UInt64(names.count)
            for name in names { state.nameBytes -= Self.bytes(name) }
        }
        for name in names { service?.forget(name) }
    }

    /// Duplicates of all that is held, for the next process.
    package func handOver() throws(Errno) -> [(name: SocketName, socket: SocketHandover)] {
        let copies = state.withLock { state -> Result<[(name: SocketName, socket: SocketHandover)], Errno> in
            do throws(Errno) {
                var copies: [(name: SocketName, socket: SocketHandover)] = []
                for (name, held) in state.held {
                    copies.append((name, SocketHandover(try held.socket.duplicate())))
                }
                return .success(copies)
            } catch {
                return .failure(error)
            }
        }
        return try copies.get()
    }

    /// Lets go of every socket without taking it out of systemd's store: the next process has it, or will.
    package func abandon() {
        let unclaimed = state.withLock { state in
            let unclaimed = state.inherited
            state.isAbandoned = true
            state.held = [:]
            state.inherited = [:]
            state.counters.held = 0
            return unclaimed
        }
        for socket in unclaimed.values { _ = socket.take() }
    }

    private static func bytes(_ name: SocketName) -> Int { name.description.utf8.count + 1 }
}
