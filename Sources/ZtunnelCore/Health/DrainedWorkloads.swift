package import NodeCore

/// The drained workloads on the node's disk: a stopped unit stays out of the endpoints when ztunnel restarts meanwhile.
///
/// One file, a uid a line. Confined to the control loop.
package struct DrainedWorkloads {
    private static let file = "drained"
    private let directory: StateDirectory

    /// Keeps them in `directory`.
    package init(directory: StateDirectory) {
        self.directory = directory
    }

    /// Those that were drained; none where there is no file that can be read.
    package func load() -> Set<String> {
        guard let bytes = try? directory.read(Self.file) else { return [] }
        return Set(String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init))
    }

    /// Replaces what was there in one step.
    package func save(_ uids: Set<String>) throws(StateDirectoryError) {
        guard !uids.isEmpty else { return directory.remove(Self.file) }
        try directory.write(Self.file, Array((uids.sorted().joined(separator: "\n") + "\n").utf8))
    }
}
