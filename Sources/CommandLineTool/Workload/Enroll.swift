import ArgumentParser

/// `ambitctl enroll`: brings a workload of this host into the mesh.
struct Enroll: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Brings a workload of this host into the mesh.", subcommands: [EnrollNetns.self],
        aliases: ["enrol"])
}
