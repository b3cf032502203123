import ArgumentParser

/// `ambitctl unenroll user`
struct UnenrollUser: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "user", abstract: "Takes a user out of the mesh.")

    @Argument(help: "What was enrolled, or the workload's name.")
    var target: String

    @OptionGroup var options: WithdrawalOptions

    func run() async throws {
        try await options.withdraw(.user, target)
    }
}
