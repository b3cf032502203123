import Glibc
import LinuxSystem
package import MeshRuntime
import MeshTelemetry

/// The running generation's side of upgrades: waits for a process that wants to take over, and hands over to it; knows the older
/// generations that still drain (docs/design/upgrade.md). Confined to the control loop.
package final class UpgradeHost {
    /// What bounds an upgrade.
    package struct Settings: Sendable {
        /// AMBIT_STATE_DIR: both generations must use the same.
        package var stateDirectory: String
        /// AMBIT_UPGRADE_TIMEOUT
        package var timeout: Duration
        /// AMBIT_UPGRADE_GENERATIONS: generations that may drain at once.
        package var generationLimit: Int

        /// All three.
        package init(stateDirectory: String, timeout: Duration, generationLimit: Int) {
            self.stateDirectory = stateDirectory
            self.timeout = timeout
            self.generationLimit = generationLimit
        }
    }

    /// What the program does for an upgrade, apart from what is the same for all.
    package struct Duties {
        /// Whether it ends, or has handed over already.
        let isEnding: () -> Bool
        /// Takes no more orders, and says whether everything that was under way has ended.
        let settle: () -> Bool
        /// What goes with the hand-over after sockets and older generations; `complete` is the last.
        let inventory: () -> [UpgradeMessage]
        /// Stops writing the state.
        let giveUpState: () -> Void
        /// The new one serves: stop accepting. The channel is still to be used.
        let retire: (UpgradeChannel) -> Void
        /// The upgrade has failed: go on.
        let resume: (_ reason: String) -> Void

        /// All of them.
        package init(
            isEnding: @escaping () -> Bool, settle: @escaping () -> Bool = { true },
            inventory: @escaping () -> [UpgradeMessage], giveUpState: @escaping () -> Void,
            retire: @escaping (UpgradeChannel) -> Void, resume: @escaping (_ reason: String) -> Void
        ) {
            self.isEnding = isEnding
            self.settle = settle
            self.inventory = inventory
            self.giveUpState = giveUpState
            self.retire = retire
            self.resume = resume
        }
    }

    /// One upgrade at a time; a few more may be on their way to being refused.
    private static let offerLimit = 8

    private let loop: EventLoop
    private let program: String
    private let settings: Settings
    private let sockets: SocketStore
    private let service: ServiceManager?
    private let log: NodeLog
    private let duties: Duties
    private var watch: DescriptorWatch?
    private var offers: [UpgradeOffer] = []

    /// Whether one is under way.
    package private(set) var isUpgrading = false
    /// Older generations that still drain.
    package private(set) var generations: [DrainingGeneration] = []
    /// Called when one of them has ended.
    package var onGenerationEnd: () -> Void = {}

    /// Hands the sockets of `sockets` over, for the program called `program`.
    package init(
        loop: EventLoop, program: String, settings: Settings, sockets: SocketStore, service: ServiceManager?,
        log: NodeLog, duties: Duties
    ) {
        self.loop = loop
        self.program = program
        self.settings = settings
        self.sockets = sockets
        self.service = service
        self.log = log
        self.duties = duties
    }

    /// Waits for the next generation at the unix socket `path`.
    package func open(_ path: String, _ pages: inout ListeningPages) throws(StartFailure) {
        do throws(Errno) {
            let socket = try pages.unix("upgrade", path: path, .sequencedPackets)
            watch = try DescriptorWatch(loop: loop, socket) { [weak self] _ in self?.accept() }
        } catch {
            throw StartFailure("the upgrade socket \(path) cannot be opened: \(error); set AMBIT_RUN_DIR")
        }
    }

    /// Listens to an older generation that drains.
    package func listen(to channel: SocketHandover) {
        guard let socket = channel.take() else { return }
        do throws(Errno) {
            generations.append(
                try DrainingGeneration(loop: loop, socket) { [weak self] ended in
                    self?.generations.removeAll { $0 === ended }
                    self?.onGenerationEnd()
                })
        } catch {
            log(.warn, "a draining generation cannot be watched: \(error)")
        }
    }

    /// No upgrade any more: the program ends.
    package func stop() {
        for offer in offers { offer.fail("the running \(program) is ending") }
    }

    private func accept() {
        guard let raw = watch?.raw else { return }
        do throws(Errno) {
            guard let socket = try UnixSocket.accept(raw) else { return }
            let offer = try UpgradeOffer(loop: loop, socket, timeout: settings.timeout, duties: offered())
            // A second one while the first is under way is refused by `refusal`, and ends by itself.
            offers.removeAll { $0.isOver }
            guard offers.count < Self.offerLimit else { return offer.fail("another upgrade is under way") }
            offers.append(offer)
        } catch {
            log(.warn, "a process that wants to take over cannot be answered: \(error)")
        }
    }

    private func offered() -> UpgradeOffer.Duties {
        UpgradeOffer.Duties(
            refusal: { [unowned self] in refusal($0, $1) }, settle: duties.settle,
            inventory: { [unowned self] () throws(Errno) in try inventory() }, giveUpState: duties.giveUpState,
            retire: { [unowned self] in retire($0) }, resume: { [unowned self] in resume($0) })
    }

    private func refusal(_ hello: UpgradeHello, _ peer: UnixSocket.Credentials) -> String? {
        var admission = UpgradeAdmission(
            stateDirectory: settings.stateDirectory, generationLimit: settings.generationLimit, ownUser: geteuid(),
            peerUser: peer.user)
        admission.isEnding = duties.isEnding()
        admission.isUpgrading = isUpgrading
        admission.draining = generations.count
        if service != nil {
            admission.ownGroup = ControlGroup.of("self")
            admission.peerGroup = ControlGroup.of(String(peer.process))
        }
        let refusal = admission.refusal(of: hello)
        let who = "\(program) \(hello.version) (process \(peer.process))"
        if let refusal {
            log(.warn, "\(who) may not take over: \(refusal)")
        } else {
            isUpgrading = true
            service?.status("handing over to \(program) \(hello.version)")
            log(.info, "\(who) prepares to take over")
        }
        return refusal
    }

    private func inventory() throws(Errno) -> [(message: UpgradeMessage, socket: SocketHandover?)] {
        var inventory: [(message: UpgradeMessage, socket: SocketHandover?)] = []
        for (name, socket) in try sockets.handOver() { inventory.append((.socket(name), socket)) }
        for generation in generations {
            if let channel = generation.duplicate() { inventory.append((.generation, channel)) }
        }
        for message in duties.inventory() { inventory.append((message, nil)) }
        return inventory
    }

    /// The new generation could not take over.
    private func resume(_ reason: String) {
        offers.removeAll { $0.isOver }
        guard isUpgrading else { return }
        isUpgrading = false
        log(.error, "the upgrade has failed, this \(program) goes on: \(reason)")
        duties.resume(reason)
    }

    /// The new generation serves, and looks after the older ones.
    private func retire(_ channel: UpgradeChannel) {
        isUpgrading = false
        watch?.close()
        watch = nil
        sockets.abandon()
        for generation in generations { generation.forget() }
        generations = []
        duties.retire(channel)
    }
}
