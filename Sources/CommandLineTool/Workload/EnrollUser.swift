import ArgumentParser

/// `ambitctl enroll user`
struct EnrollUser: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "Brings the processes of a user into the mesh.",
        discussion: """
            New connections of all processes of the user, on the whole host, are carried by ztunnel from now on. A unit of the user \
            that is enrolled by itself keeps its own identity.
            """)

    @Argument(help: "Name or number of the user.")
    var target: String

    @OptionGroup var options: EnrolmentOptions

    func run() async throws {
        try await options.enrol(.user, target)
    }
}
