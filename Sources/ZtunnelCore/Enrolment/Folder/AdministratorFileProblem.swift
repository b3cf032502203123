/// Why a file of the host's administrator is not read: which one, and what to do.
struct AdministratorFileProblem: Error, CustomStringConvertible {
    let description: String
}
