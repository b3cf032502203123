package import LinuxSystem
package import MeshRuntime
import MeshTelemetry

/// The new generation's side of an upgrade: readies what the running one serves, takes over from it, or gives up
/// (docs/design/upgrade.md). Confined to the control loop.
package final class Takeover {
    /// What the program does for it, apart from what is the same for all.
    package struct Duties {
        /// How far it is. Asked again and again until it is ready, or fails.
        let verdict: () -> TakeoverVerdict
        /// The running one has given everything up: takes the state, and serves.
        let serve: () throws -> Void
        /// The running one knows, and drains from here on.
        let served: () -> Void
        /// Lets go of the state, which the running one takes back as soon as it hears of a failure.
        let giveUpState: () -> Void
        /// Told once how it ended: nil, or why it failed.
        let ended: (_ failure: String?) -> Void

        /// All of them.
        package init(
            verdict: @escaping () -> TakeoverVerdict, serve: @escaping () throws -> Void,
            served: @escaping () -> Void = {}, giveUpState: @escaping () -> Void,
            ended: @escaping (_ failure: String?) -> Void
        ) {
            self.verdict = verdict
            self.serve = serve
            self.served = served
            self.giveUpState = giveUpState
            self.ended = ended
        }
    }

    /// How often is looked whether everything is readied. How long is the running one's to say (AMBIT_UPGRADE_TIMEOUT).
    private static let interval: Duration = .milliseconds(10)

    private let loop: EventLoop
    private let program: String
    private let predecessor: Predecessor
    private let sockets: SocketStore
    private let upgrades: UpgradeHost
    private let log: NodeLog
    private let duties: Duties
    private var channel: UpgradeChannel?
    /// What it waits for.
    private var missing: String?

    /// From `predecessor`; `upgrades` looks after the older generations, once this one serves.
    package init(
        loop: EventLoop, program: String, predecessor: Predecessor, sockets: SocketStore, upgrades: UpgradeHost,
        log: NodeLog, duties: Duties
    ) {
        self.loop = loop
        self.program = program
        self.predecessor = predecessor
        self.sockets = sockets
        self.upgrades = upgrades
        self.log = log
        self.duties = duties
    }

    /// Tells the running one as soon as everything is readied. Throws if it cannot be spoken with.
    package func start() throws(Errno) {
        guard let socket = predecessor.channel.take() else { return }
        channel = try UpgradeChannel(
            loop: loop, socket, onMessage: { [weak self] message, _ in self?.heard(message) },
            onEnd: { [weak self] reason in self?.giveUp(reason) })
        look()
    }

    private func look() {
        guard let channel else { return }
        switch duties.verdict() {
        case .ready: channel.send(.ready)
        case .fail(let reason): giveUp(reason)
        case .wait(let missing):
            self.missing = missing
            loop.schedule(after: Self.interval) { [weak self] in self?.look() }
        }
    }

    private func heard(_ message: UpgradeMessage) {
        switch message {
        case .yours:
            do {
                try duties.serve()
                finish()
            } catch {
                giveUp("\(error)")
            }
        case .refused(let reason): giveUp(missing.map { "\(reason); it waited for \($0)" } ?? reason)
        default: giveUp("the running \(program) sent a message out of turn")
        }
    }

    private func finish() {
        missing = nil
        for channel in predecessor.generations { upgrades.listen(to: channel) }
        // The predecessor itself drains from here on.
        if let channel = channel?.duplicate() { upgrades.listen(to: channel) }
        channel?.send(.serving)
        channel?.close()
        channel = nil
        DetachedProcess.endAfter(nil)
        duties.served()
        log(
            .info,
            "took over \(sockets.counters.adopted) listening sockets; \(upgrades.generations.count) generations drain")
        duties.ended(nil)
    }

    /// The upgrade has failed: this process ends, the old one goes on.
    private func giveUp(_ reason: String) {
        guard let channel else { return }
        duties.giveUpState()
        channel.send(.refused(reason))
        channel.close()
        self.channel = nil
        log(.error, "does not take over: \(reason)")
        duties.ended(reason)
        sockets.abandon()
        loop.stop()
    }
}
