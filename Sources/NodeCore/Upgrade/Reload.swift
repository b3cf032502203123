import Glibc
import LinuxSystem

/// `PROGRAM reload`: what systemd runs for `systemctl reload` (docs/design/upgrade.md).
package enum Reload {
    /// The command of the process that takes over; nobody else gives it.
    package static let successor = "successor"

    /// Starts a process that takes over, and waits for what becomes of it: 0 when it serves, 1 with the reason when the
    /// running one goes on. `timeout` is what the new one may take; `name` begins each line that is said.
    package static func run(_ name: String, timeout: Duration) -> CInt {
        // The new process gives up before the one that waits for it does.
        let patience = timeout + .seconds(5)
        do throws(Errno) {
            let (outer, inner) = try UnixSocket.pair()
            let result = Descriptor(taking: outer)
            let report = Descriptor(taking: inner)
            // The very file that this process was started from.
            try DetachedProcess.start(
                "/proc/self/exe", [CommandLine.arguments.first ?? name, successor], passing: report.raw,
                endAfter: patience)
            // Else the end of the new process would not be seen.
            close(report)
            return try outcome(name, result, patience)
        } catch {
            say(name, "the new process cannot be started: \(error)")
            return 1
        }
    }

    private static func close(_ descriptor: consuming Descriptor) {}

    private static func say(_ name: String, _ text: String) { ProcessSurroundings.write(2, "\(name): \(text)\n") }

    /// What the new process said: nothing but an end means that it died.
    private static func outcome(
        _ name: String, _ result: borrowing Descriptor, _ patience: Duration
    ) throws(Errno) -> CInt {
        guard try result.waitReadable(patience + .seconds(1)) else {
            say(name, "the new process did not come to an end; the running one goes on")
            return 1
        }
        let said = try UnixSocket.receive(result.raw, upTo: UpgradeMessage.byteLimit)?.bytes ?? []
        switch UpgradeMessage(said) {
        case .serving: return 0
        case .refused(let reason): say(name, "the upgrade has failed: \(reason)")
        default: say(name, "the new process died; the running one goes on")
        }
        return 1
    }

    /// How the process that takes over tells the one that waits what became of it, nil or a failure; it has an effect once.
    /// nil, and a line, where nobody waits.
    package static func report(_ name: String) -> ((_ failure: String?) -> Void)? {
        guard let report = try? Descriptor(inheriting: DetachedProcess.passedDescriptor) else {
            say(name, "only `\(name) reload` starts a successor")
            return nil
        }
        let slot = SocketHandover(report)
        return { failure in
            guard let report = slot.take() else { return }
            let message = failure.map(UpgradeMessage.refused) ?? .serving
            _ = try? UnixSocket.send(report.raw, message.bytes)
        }
    }
}
