import ArgumentParser

/// `ambitctl unenroll netns`
struct UnenrollNetns: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "netns", abstract: "Takes a network namespace out of the mesh.")

    @Argument(help: "What was enrolled, or the workload's name.")
    var target: String

    @OptionGroup var options: WithdrawalOptions

    func run() async throws {
        try await options.withdraw(.netns, target)
    }
}
