import ArgumentParser

/// `ambitctl enroll slice`
struct EnrollSlice: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "slice", abstract: "Brings everything that runs in a systemd slice into the mesh.",
        discussion: """
            All services and scopes of the slice, and of slices inside it, are one workload.
            """)

    @Argument(help: "Name of the slice.")
    var target: String

    @OptionGroup var options: EnrolmentOptions

    func run() async throws {
        try await options.enrol(.slice, target)
    }
}
