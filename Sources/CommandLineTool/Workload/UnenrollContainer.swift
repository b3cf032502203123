import ArgumentParser

/// `ambitctl unenroll container`
struct UnenrollContainer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "container", abstract: "Takes a container out of the mesh.")

    @Argument(help: "What was enrolled, or the workload's name.")
    var target: String

    @OptionGroup var options: WithdrawalOptions

    func run() async throws {
        try await options.withdraw(.container, target)
    }
}
