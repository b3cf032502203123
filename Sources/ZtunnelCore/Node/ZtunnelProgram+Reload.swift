import Glibc
import LinuxSystem
import NodeCore

/// `ztunnel reload`: what systemd runs for `systemctl reload` (docs/design/upgrade.md).
extension ZtunnelProgram {
    /// The command of the process that takes over; nobody else gives it.
    static let successor = "successor"

    /// Starts a process that takes over, and waits for what becomes of it: 0 when it serves, 1 with the reason when the
    /// running one goes on.
    static func reload(_ environment: [String: String]) -> CInt {
        guard let configuration = configuration(environment) else { return 64 }
        // The new process gives up before the one that waits for it does.
        let patience = configuration.upgradeTimeout + .seconds(5)
        do throws(Errno) {
            let (outer, inner) = try UnixSocket.pair()
            let result = Descriptor(taking: outer)
            let report = Descriptor(taking: inner)
            // The very file that this process was started from.
            try DetachedProcess.start(
                "/proc/self/exe", [CommandLine.arguments.first ?? "ztunnel", successor], passing: report.raw,
                endAfter: patience)
            // Else the end of the new process would not be seen.
            close(report)
            return try outcome(result, patience)
        } catch {
            write(2, "ztunnel: the new process cannot be started: \(error)\n")
            return 1
        }
    }

    private static func close(_ descriptor: consuming Descriptor) {}

    private static func configuration(_ environment: [String: String]) -> NodeConfiguration? {
        do throws(ConfigurationFailure) {
            return try NodeConfiguration.read(environment, cores: sysconf(CInt(_SC_NPROCESSORS_ONLN)))
        } catch {
            write(2, error.problems.map { "ztunnel: \($0)\n" }.joined())
            return nil
        }
    }

    /// What the new process said: nothing but an end means that it died.
    private static func outcome(_ result: borrowing Descriptor, _ patience: Duration) throws(Errno) -> CInt {
        guard try result.waitReadable(patience + .seconds(1)) else {
            write(2, "ztunnel: the new process did not come to an end; the running one goes on\n")
            return 1
        }
        let said = try UnixSocket.receive(result.raw, upTo: UpgradeMessage.byteLimit)?.bytes ?? []
        switch UpgradeMessage(said) {
        case .serving: return 0
        case .refused(let reason): write(2, "ztunnel: the upgrade has failed: \(reason)\n")
        default: write(2, "ztunnel: the new process died; the running one goes on\n")
        }
        return 1
    }

    /// The process that takes over.
    static func succeed(_ environment: [String: String]) -> CInt {
        guard let report = try? Descriptor(inheriting: DetachedProcess.passedDescriptor) else {
            write(2, "ztunnel: only `ztunnel reload` starts a successor\n")
            return 64
        }
        guard let configuration = configuration(environment) else { return 64 }
        let slot = SocketHandover(report)
        let tell = { (failure: String?) in
            guard let report = slot.take() else { return }
            let message = failure.map(UpgradeMessage.refused) ?? .serving
            _ = try? UnixSocket.send(report.raw, message.bytes)
        }
        var start = conditions(environment)
        let isDedicated = if case .dedicated = configuration.mode { true } else { false }
        let hello = UpgradeHello(
            version: Ztunnel.version, stateDirectory: configuration.stateDirectory, isDedicated: isDedicated)
        do throws(StartFailure) {
            start.predecessor = try Predecessor.ask(
                at: Ztunnel.upgradeSocket(configuration), hello, timeout: configuration.upgradeTimeout,
                clock: { .nanoseconds(Int64(clamping: SystemClock.monotonicNanoseconds)) })
        } catch {
            tell(error.description)
            return 1
        }
        return run(configuration, start, onServing: tell)
    }
}
