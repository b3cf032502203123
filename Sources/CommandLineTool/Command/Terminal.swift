import Foundation

/// What a command may reach of its surroundings: environment, standard streams and the clock. A value, handed down as a
/// task-local, so that a test gives a command its own and runs beside others in one process. Closures are called on the
/// command's task; they must not fail.
package struct Terminal: Sendable {
    /// Environment variables, read once at start.
    var environment: [String: String]
    /// Everything on standard input, until its end.
    var readInput: @Sendable () throws -> [UInt8]
    /// Writes text to standard output as it is, without adding a newline.
    var write: @Sendable (String) -> Void
    /// Writes text to standard error as it is, without adding a newline.
    var writeError: @Sendable (String) -> Void
    /// The time of day, for ages and for certificate validity.
    var now: @Sendable () -> Date

    init(
        environment: [String: String], readInput: @escaping @Sendable () throws -> [UInt8],
        write: @escaping @Sendable (String) -> Void, writeError: @escaping @Sendable (String) -> Void,
        now: @escaping @Sendable () -> Date
    ) {
        self.environment = environment
        self.readInput = readInput
        self.write = write
        self.writeError = writeError
        self.now = now
    }

    /// The terminal of the command that runs on this task.
    @TaskLocal static var current: Terminal = .process

    /// The real one: this process's environment, streams and clock.
    package static let process = Terminal(
        environment: ProcessInfo.processInfo.environment,
        readInput: { [UInt8](try FileHandle.standardInput.readToEnd() ?? Data()) },
        write: { write($0, to: .standardOutput) }, writeError: { write($0, to: .standardError) }, now: { Date() })

    /// Ends the program when nobody takes what it says (a closed pipe, a full disk): going on would only hide it.
    private static func write(_ text: String, to file: FileHandle) {
        do {
            try file.write(contentsOf: Data(text.utf8))
        } catch {
            exit(ExitStatus.failure.rawValue)
        }
    }

    /// Writes one line to standard output.
    func printLine(_ line: String) {
        write(line + "\n")
    }

    /// Writes one line to standard error.
    func printErrorLine(_ line: String) {
        writeError(line + "\n")
    }

    /// A variable's value; a variable that is set to nothing counts as not set.
    func variable(_ name: String) -> String? {
        guard let value = environment[name], !value.isEmpty else { return nil }
        return value
    }
}
