import HTTPWire
package import MeshRuntime

/// The client tunnels of one workload on one worker (Z 2.5).
///
/// For each key one dial is under way; those who come meanwhile wait, in order, and share what comes of it. Only when more
/// wait than one tunnel will take are several dialled at once (`dialsPerKey`). A tunnel takes streams up to a limit, then
/// another is dialled. A tunnel that the peer has sent GOAWAY on, or that is
/// closed, is not handed out again. One that nobody checked out for `DataPlaneTimeouts.tunnelIdle` and that carries no
/// stream is closed. Nothing outlives the last tunnel of a key, so the pool does not grow with endpoint churn.
///
/// Confined to its worker's loop. Bounds: `waitersPerTunnelKey`, `tunnelsPerKey`,
/// `dialsPerKey`, `streamsPerTunnel`.
package final class TunnelPool {
    /// Receives a tunnel, or the reason why there is none. Called once.
    package typealias Waiter = (Result<TunnelCheckout, ConnectionFailure>) -> Void
    /// Makes a tunnel for a key and calls back once.
    package typealias Dial = (TunnelKey, @escaping (Result<Tunnel, ConnectionFailure>) -> Void) -> Void

    /// How long a tunnel without streams stays when its key has another.
    private static let surplusTimeout: Duration = .seconds(1)

    private final class Pooled {
        let tunnel: Tunnel
        var lastCheckout: MonotonicTime

        init(_ tunnel: Tunnel, now: MonotonicTime) {
            self.tunnel = tunnel
            self.lastCheckout = now
        }
    }

    private final class Entry {
        var tunnels: [Pooled] = []
        var waiters: [Waiter] = []
        var dials = 0

        var isEmpty: Bool { tunnels.isEmpty && waiters.isEmpty && dials == 0 }
    }

    private let loop: EventLoop
    private let limits: DataPlaneLimits
    private let idleTimeout: Duration
    private let dial: Dial
    private let onLimit: (DataPlaneLimit) -> Void
    private var entries: [TunnelKey: Entry] = [:]
    private var sweepTimer: TimerID?
    private var isClosed = false

    /// An empty pool that makes its tunnels with `dial` and reports reached bounds to `onLimit`.
    package init(
        loop: EventLoop, limits: DataPlaneLimits, idleTimeout: Duration, onLimit: @escaping (DataPlaneLimit) -> Void,
        dial: @escaping Dial
    ) {
        self.loop = loop
        self.limits = limits
        self.idleTimeout = idleTimeout
        self.onLimit = onLimit
        self.dial = dial
    }

    /// Tunnels that are up, over all keys.
    package var tunnelCount: Int { entries.values.reduce(0) { $0 + $1.tunnels.count } }

    /// All tunnels that are up.
    package var tunnels: [Tunnel] { entries.values.flatMap { $0.tunnels.map(\.tunnel) } }

    /// Hands `waiter` a tunnel: at once if one has room, else after a dial.
    package func checkOut(_ key: TunnelKey, _ waiter: @escaping Waiter) {
        guard !isClosed else { return waiter(.failure(.drain)) }
        let entry = entry(for: key)
        if let pooled = available(in: entry) {
            pooled.lastCheckout = loop.now
            return waiter(.success(TunnelCheckout(tunnel: pooled.tunnel, isReused: true)))
        }
        guard entry.waiters.count < limits.waitersPerTunnelKey else {
            onLimit(.waitingStreams)
            return waiter(.failure(.limit(.waitingStreams)))
        }
        entry.waiters.append(waiter)
        dialIfNeeded(key, entry)
    }

    /// Takes a tunnel out of use, for example because a stream could not be opened on it; its streams go on.
    package func discard(_ tunnel: Tunnel, of key: TunnelKey) {
        guard let entry = entries[key] else { return }
        entry.tunnels.removeAll { $0.tunnel === tunnel }
        tunnel.drain()
        removeIfEmpty(key, entry)
    }

    /// Ends the pool: waiters fail with the reason of a drain; tunnels get GOAWAY, and end with their last stream, or at
    /// once where `now` is true.
    package func close(now: Bool) {
        isClosed = true
        if let sweepTimer { loop.cancel(sweepTimer) }
        sweepTimer = nil
        let closing = entries
        entries.removeAll()
        for entry in closing.values {
            for pooled in entry.tunnels {
                if now { pooled.tunnel.close(.noError) } else { pooled.tunnel.drain() }
            }
            fail(entry, .drain)
        }
    }

    private func entry(for key: TunnelKey) -> Entry {
        if let entry = entries[key] { return entry }
        let entry = Entry()
        entries[key] = entry
        return entry
    }

    private func available(in entry: Entry) -> Pooled? {
        entry.tunnels.first { pooled in
            let tunnel = pooled.tunnel
            return tunnel.isOpenForNewStreams
                && tunnel.activeStreams < min(limits.streamsPerTunnel, tunnel.streamLimit)
        }
    }

    /// Dials once for every tunnel's worth of waiters that no dial under way will serve.
    private func dialIfNeeded(_ key: TunnelKey, _ entry: Entry) {
        while entry.waiters.count > entry.dials &* limits.streamsPerTunnel, entry.dials < limits.dialsPerKey {
            guard entry.tunnels.count + entry.dials < limits.tunnelsPerKey else {
                onLimit(.tunnelsPerKey)
                if entry.dials == 0 { fail(entry, .limit(.tunnelsPerKey)) }
                return
            }
            startDial(key, entry)
        }
    }

    private func startDial(_ key: TunnelKey, _ entry: Entry) {
        entry.dials += 1
        dial(key) { [self] result in
            entry.dials -= 1
            switch result {
            // Waiters of a dial that is still under way are served by it; nobody waits longer than one dial takes.
            case .failure(let failure): if entry.dials == 0 { fail(entry, failure) }
            case .success(let tunnel): admit(tunnel, key, entry)
            }
            removeIfEmpty(key, entry)
        }
    }

    private func admit(_ tunnel: Tunnel, _ key: TunnelKey, _ entry: Entry) {
        guard !isClosed else {
            tunnel.close(.noError)
            return fail(entry, .drain)
        }
        entry.tunnels.append(Pooled(tunnel, now: loop.now))
        tunnel.onClosed = { [weak self, weak tunnel, weak entry] _ in
            guard let self, let entry else { return }
            entry.tunnels.removeAll { $0.tunnel === tunnel }
            removeIfEmpty(key, entry)
        }
        scheduleSweep(soon: entry.tunnels.count > 1)
        var served = 0
        while let pooled = available(in: entry), !entry.waiters.isEmpty {
            let waiter = entry.waiters.removeFirst()
            served += 1
            waiter(.success(TunnelCheckout(tunnel: pooled.tunnel, isReused: false)))
        }
        // A peer that allows no stream at all must not make us dial for ever.
        if served == 0, !entry.waiters.isEmpty {
            fail(entry, .tunnelClosed("the peer accepts no streams on a new tunnel"))
        } else {
            dialIfNeeded(key, entry)
        }
    }

    private func fail(_ entry: Entry, _ failure: ConnectionFailure) {
        let waiters = entry.waiters
        entry.waiters.removeAll(keepingCapacity: false)
        for waiter in waiters { waiter(.failure(failure)) }
    }

    private func removeIfEmpty(_ key: TunnelKey, _ entry: Entry) {
        guard entry.isEmpty, entries[key] === entry else { return }
        entries.removeValue(forKey: key)
    }

    /// `soon`: there are keys with more than one tunnel, which costs about 28 KB on either side while it is idle.
    private func scheduleSweep(soon: Bool) {
        guard !isClosed else { return }
        if soon, let sweepTimer {
            loop.cancel(sweepTimer)
            self.sweepTimer = nil
        }
        guard sweepTimer == nil else { return }
        let period = soon ? min(idleTimeout / 4, Self.surplusTimeout) : idleTimeout / 4
        sweepTimer = loop.schedule(after: period) { [weak self] in
            guard let self else { return }
            sweepTimer = nil
            sweep()
        }
    }

    private func sweep() {
        for (key, entry) in entries {
            let idle = entry.tunnels.filter { $0.tunnel.activeStreams == 0 }
            for pooled in idle {
                let isSurplus = entry.tunnels.count > 1
                let timeout = isSurplus ? min(idleTimeout, Self.surplusTimeout) : idleTimeout
                if pooled.lastCheckout + timeout <= loop.now { discard(pooled.tunnel, of: key) }
            }
        }
        if !entries.isEmpty { scheduleSweep(soon: entries.values.contains { $0.tunnels.count > 1 }) }
    }
}
