/// What the commands of probes depend on besides the workload.
package struct CommandSettings: Sendable {
    /// Where the administrator of the host says which commands may run.
    package let folder: String
    /// Directories that no command sees: those of ztunnel.
    package let hidden: [String]

    /// The settings of a node.
    package init(folder: String, hidden: [String]) {
        self.folder = folder
        self.hidden = hidden
    }
}
