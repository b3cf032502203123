import ArgumentParser

/// `ambitctl unenroll`: takes a workload of this host out of the mesh.
struct Unenroll: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Takes a workload of this host out of the mesh.",
        subcommands: [
            UnenrollUnit.self, UnenrollSlice.self, UnenrollNetns.self, UnenrollUser.self, UnenrollContainer.self,
            UnenrollPid.self,
        ],
        aliases: ["unenrol"])
}
