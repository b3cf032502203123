import HTTPWire
package import LinuxSystem
package import MeshRuntime

/// The old generation's side of one upgrade, until the new one serves or the upgrade has failed. Confined to the control loop.
package final class UpgradeOffer {
    /// What the program does for the upgrade, and what it decides.
    package struct Duties {
        /// Why the process that asks may not have it; nil if it may.
        package let refusal: (UpgradeHello, UnixSocket.Credentials) -> String?
        /// Takes no more orders, and says whether everything that was under way has ended.
        package let settle: () -> Bool
        /// Everything that goes with the hand-over, in order.
        package let inventory: () throws(Errno) -> [(message: UpgradeMessage, socket: SocketHandover?)]
        /// Stops writing the node's state.
        package let giveUpState: () -> Void
        /// The new one serves: stop accepting. The channel is still to be used.
        package let retire: (UpgradeChannel) -> Void
        /// The upgrade has failed: go on.
        package let resume: (_ reason: String) -> Void

        /// All of them.
        package init(
            refusal: @escaping (UpgradeHello, UnixSocket.Credentials) -> String?, settle: @escaping () -> Bool,
            inventory: @escaping () throws(Errno) -> [(message: UpgradeMessage, socket: SocketHandover?)],
            giveUpState: @escaping () -> Void, retire: @escaping (UpgradeChannel) -> Void,
            resume: @escaping (_ reason: String) -> Void
        ) {
            self.refusal = refusal
            self.settle = settle
            self.inventory = inventory
            self.giveUpState = giveUpState
            self.retire = retire
            self.resume = resume
        }
    }

    /// Whether it has come to its end, either way.
    package var isOver: Bool { phase == .over }

    private enum Phase {
        case awaitingHello
        case settling
        case offered
        case given
        case over
    }

    /// How often is looked whether what was under way has ended.
    private static let settleInterval: Duration = .milliseconds(10)

    private let loop: EventLoop
    private let duties: Duties
    private let timeout: Duration
    private let peer: UnixSocket.Credentials
    private var phase = Phase.awaitingHello
    private var channel: UpgradeChannel?
    private var timer: TimerID?

    /// Answers the process that has connected.
    package init(loop: EventLoop, _ socket: consuming Descriptor, timeout: Duration, duties: Duties) throws(Errno) {
        self.loop = loop
        self.duties = duties
        self.timeout = timeout
        peer = try UnixSocket.peerCredentials(socket.raw)
        channel = try UpgradeChannel(
            loop: loop, socket, onMessage: { [weak self] message, _ in self?.received(message) },
            onEnd: { [weak self] reason in self?.fail(reason) })
        timer = loop.schedule(after: timeout) { [weak self] in
            guard let self else { return }
            timer = nil
            fail("it was not ready within \(DurationText.text(timeout)) (AMBIT_UPGRADE_TIMEOUT)")
        }
    }

    /// Ends the upgrade; the reason goes to the new generation and to `resume`.
    package func fail(_ reason: String) {
        guard phase != .over else { return }
        let hasBegun = phase != .awaitingHello
        end()
        channel?.send(.refused(reason))
        channel?.close()
        if hasBegun { duties.resume(reason) }
    }

    private func received(_ message: UpgradeMessage) {
        switch (phase, message) {
        case (.awaitingHello, .hello(let hello)):
            if let refusal = duties.refusal(hello, peer) { return fail(refusal) }
            phase = .settling
            settle()
        case (.offered, .ready):
            phase = .given
            duties.giveUpState()
            channel?.send(.yours)
        case (.given, .serving):
            guard let channel else { return }
            end()
            duties.retire(channel)
        case (_, .refused(let reason)): fail(reason)
        default: fail("it sent a message out of turn")
        }
    }

    private func settle() {
        guard phase == .settling else { return }
        guard duties.settle() else {
            loop.schedule(after: Self.settleInterval) { [weak self] in self?.settle() }
            return
        }
        do throws(Errno) {
            let inventory = try duties.inventory()
            phase = .offered
            for (message, socket) in inventory { channel?.send(message, passing: socket) }
        } catch {
            fail("the listening sockets cannot be handed over: \(error)")
        }
    }

    private func end() {
        phase = .over
        if let timer { loop.cancel(timer) }
        timer = nil
    }
}
