import ArgumentParser

/// Runs one command line: parses it, runs the command with the terminal given, and turns every way of ending into text
/// and an exit code. It never ends the process, so tests run whole command lines in theirs.
package enum CommandRunner {
    /// Runs `arguments` (without the program's name) and returns the exit code for `main` to end with.
    package static func run(_ arguments: [String], in terminal: Terminal) async -> Int32 {
        await Terminal.$current.withValue(terminal) {
            do {
                var command = try Ambitctl.parseAsRoot(arguments)
                if var asynchronous = command as? any AsyncParsableCommand {
                    try await asynchronous.run()
                } else {
                    try command.run()
                }
                return ExitStatus.success.rawValue
            } catch let failure as CommandFailure {
                failure.lines.forEach(terminal.printErrorLine)
                return failure.status.rawValue
            } catch {
                return report(error, in: terminal)
            }
        }
    }

    /// Usage errors, requested help, and anything that a command did not foresee.
    private static func report(_ error: any Error, in terminal: Terminal) -> Int32 {
        let code = Ambitctl.exitCode(for: error)
        let text = Ambitctl.fullMessage(for: error)
        if code.isSuccess {
            terminal.printLine(text)
        } else {
            terminal.printErrorLine(text)
        }
        return code.rawValue
    }
}
