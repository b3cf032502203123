package import ArgumentParser

/// `ambitctl unenroll`: takes a workload of this host out of the mesh.
package struct Unenroll: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        abstract: "Takes a workload of this host out of the mesh.", subcommands: [UnenrollNetns.self],
        aliases: ["unenrol"])

    package init() {}
}
