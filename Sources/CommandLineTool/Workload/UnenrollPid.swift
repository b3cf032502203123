import ArgumentParser

/// `ambitctl unenroll pid`
struct UnenrollPid: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "pid", abstract: "Takes a process out of the mesh.")

    @Argument(help: "What was enrolled, or the workload's name.")
    var target: String

    @OptionGroup var options: WithdrawalOptions

    func run() async throws {
        try await options.withdraw(.pid, target)
    }
}
