import LinuxSystem
package import MeshRuntime
import MeshTelemetry

/// Which process of a program writes the state on the disk: one at a time, by a lock that the kernel frees with its holder.
/// Confined to the control loop.
package final class StateOwnership {
    /// How often is tried to get the state back after an upgrade that failed.
    private static let interval: Duration = .seconds(1)

    private let loop: EventLoop
    private let program: String
    private let directory: String
    private let log: NodeLog
    private let onChange: (_ isOwner: Bool) -> Void
    private var lock: FileLock?

    /// Owns nothing yet. `directory` is AMBIT_STATE_DIR; `onChange` is told of each change.
    package init(
        loop: EventLoop, program: String, directory: String, log: NodeLog, onChange: @escaping (_ isOwner: Bool) -> Void
    ) {
        self.loop = loop
        self.program = program
        self.directory = directory
        self.log = log
        self.onChange = onChange
    }

    /// Becomes the one process that writes the state. Throws where another one is.
    package func take() throws(StartFailure) {
        let path = "\(directory)/\(program).lock"
        do throws(Errno) {
            lock = try FileLock(path)
        } catch .wouldBlock {
            throw StartFailure(
                "another \(program) uses the state directory \(directory) (it holds \(path)): stop it, use `\(program) reload` "
                    + "to replace it, or set AMBIT_STATE_DIR")
        } catch {
            throw StartFailure("the state directory \(directory) cannot be locked: \(error)")
        }
        onChange(true)
    }

    /// Writes nothing any more.
    package func giveUp() {
        onChange(false)
        lock = nil
    }

    /// Takes it back from a new generation that failed: that one holds it until it has ended, which the kernel sees to. Tried for
    /// as long as `isWanted`.
    package func takeAgain(while isWanted: @escaping () -> Bool) {
        do throws(StartFailure) {
            try take()
        } catch {
            log(.warn, "\(error); this is tried again")
            loop.schedule(after: Self.interval) { [weak self] in
                guard isWanted() else { return }
                self?.takeAgain(while: isWanted)
            }
        }
    }
}
