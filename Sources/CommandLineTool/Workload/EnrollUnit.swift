import ArgumentParser

/// `ambitctl enroll unit`
struct EnrollUnit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unit", abstract: "Brings a systemd service into the mesh.",
        discussion: """
            New connections of the service are carried by ztunnel from now on; established ones go on as they are, and the \
            service is not restarted. From its next start on it runs in a slice of its own (ambit-NAMESPACE:NAME.slice), by \
            which its traffic is known from the first packet on, at boot too. Limits that were set on its former slice do not \
            apply there.
            """)

    @Argument(help: "Name of the service; it need not exist yet.")
    var target: String

    @OptionGroup var options: EnrolmentOptions

    func run() async throws {
        try await options.enrol(.unit, target)
    }
}
