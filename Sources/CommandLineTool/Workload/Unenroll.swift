import ArgumentParser

/// `ambitctl unenroll`: takes a workload of this host out of the mesh.
struct Unenroll: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Takes a workload of this host out of the mesh.", subcommands: [UnenrollNetns.self],
        aliases: ["unenrol"])
}
