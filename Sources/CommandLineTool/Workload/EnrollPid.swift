import ArgumentParser

/// `ambitctl enroll pid`
struct EnrollPid: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pid", abstract: "Brings a running process into the mesh.",
        discussion: """
            A process with a network namespace of its own takes part with all that is in it; one that shares the network of the host \
            takes part with all that is in its control group. The enrolment ends with the process.
            """)

    @Argument(help: "Number of the process.")
    var target: String

    @OptionGroup var options: EnrolmentOptions

    func run() async throws {
        try await options.enrol(.pid, target)
    }
}
