import ArgumentParser

/// `ambitctl enroll`: brings a workload of this host into the mesh.
struct Enroll: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Brings a workload of this host into the mesh.",
        subcommands: [
            EnrollUnit.self, EnrollSlice.self, EnrollNetns.self, EnrollUser.self, EnrollContainer.self, EnrollPid.self,
            EnrollList.self,
        ],
        aliases: ["enrol"])
}
