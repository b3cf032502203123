import ArgumentParser

/// `ambitctl unenroll slice`
struct UnenrollSlice: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "slice", abstract: "Takes a systemd slice out of the mesh.")

    @Argument(help: "What was enrolled, or the workload's name.")
    var target: String

    @OptionGroup var options: WithdrawalOptions

    func run() async throws {
        try await options.withdraw(.slice, target)
    }
}
