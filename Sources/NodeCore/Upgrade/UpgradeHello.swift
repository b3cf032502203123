/// Who wants to take over.
package struct UpgradeHello: Hashable, Sendable {
    /// The revision of the messages that this program speaks. A change that an older program would misread raises it.
    package static let revision = 1

    /// The revision that the other end speaks.
    package var revision: Int
    /// The program's version, for the log.
    package var version: String
    /// Its AMBIT_STATE_DIR.
    package var stateDirectory: String
    /// Whether it serves one workload only (PROXY_MODE=dedicated).
    package var isDedicated: Bool

    /// Introduces a program; `revision` is ours unless it was read from another one.
    package init(
        revision: Int = UpgradeHello.revision, version: String, stateDirectory: String, isDedicated: Bool
    ) {
        self.revision = revision
        self.version = version
        self.stateDirectory = stateDirectory
        self.isDedicated = isDedicated
    }
}
