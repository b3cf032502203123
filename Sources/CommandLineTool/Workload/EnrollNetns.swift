import ArgumentParser

/// `ambitctl enroll netns`
struct EnrollNetns: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "netns", abstract: "Brings a network namespace into the mesh.",
        discussion: """
            New connections of the namespace are carried by ztunnel from now on; established ones go on as they are. \
            Repeating the command changes nothing.
            """)

    @Argument(help: "Name of the network namespace (ip netns), or a path such as /proc/PID/ns/net.")
    var target: String

    @OptionGroup var options: EnrolmentOptions

    func run() async throws {
        try await options.enrol(.netns, target)
    }
}
