import ArgumentParser

/// `ambitctl enroll container`
struct EnrollContainer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "container", abstract: "Brings a container into the mesh.",
        discussion: """
            A container with a network namespace of its own takes part with its own addresses; one that shares the network of the \
            host takes part with those of the host. A container that is started anew under the same name is enrolled again.
            """)

    @Argument(help: "Name of a Podman, Docker or systemd-nspawn container; podman:NAME if several have it.")
    var target: String

    @OptionGroup var options: EnrolmentOptions

    func run() async throws {
        try await options.enrol(.container, target)
    }
}
