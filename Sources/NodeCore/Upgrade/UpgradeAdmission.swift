/// Whether a process that asks for an upgrade may have it. Pure.
package struct UpgradeAdmission: Hashable, Sendable {
    /// AMBIT_STATE_DIR of this process.
    package var stateDirectory: String
    /// Whether this process is told to end, or has handed over already.
    package var isEnding = false
    /// Whether another upgrade is under way.
    package var isUpgrading = false
    /// Older generations that still drain.
    package var draining = 0
    /// AMBIT_UPGRADE_GENERATIONS: generations that may drain at once, this one included.
    package var generationLimit: Int
    /// Who this process runs as, and who asks.
    package var ownUser: UInt32
    /// Who asks.
    package var peerUser: UInt32
    /// The control group of this process, nil where it is not systemd's.
    package var ownGroup: String?
    /// The control group of the process that asks.
    package var peerGroup: String?

    /// A process that would allow it.
    package init(stateDirectory: String, generationLimit: Int, ownUser: UInt32, peerUser: UInt32) {
        self.stateDirectory = stateDirectory
        self.generationLimit = generationLimit
        self.ownUser = ownUser
        self.peerUser = peerUser
    }

    /// Why not, and what to do; nil if it may.
    package func refusal(of hello: UpgradeHello) -> String? {
        if peerUser != ownUser, peerUser != 0 {
            return "user \(peerUser) may not take over from user \(ownUser)"
        }
        if hello.revision != UpgradeHello.revision {
            return "version \(hello.version) speaks revision \(hello.revision) of the hand-over, the running one "
                + "\(UpgradeHello.revision): restart the service instead"
        }
        if isEnding { return "the running process is ending" }
        if isUpgrading { return "another upgrade is under way: try again when it is over" }
        if hello.isDedicated { return "a dedicated ztunnel (PROXY_MODE) has no upgrade: restart it instead" }
        if hello.stateDirectory != stateDirectory {
            return
                "AMBIT_STATE_DIR is \(hello.stateDirectory), the running process uses \(stateDirectory): restart the "
                + "service to change it"
        }
        if let ownGroup, peerGroup != ownGroup {
            return "this process is not in the service's control group: use systemctl reload"
        }
        if draining + 1 > generationLimit {
            return "\(draining) generations still drain, and AMBIT_UPGRADE_GENERATIONS=\(generationLimit) allows no "
                + "further one: wait until connections have ended, or shorten AMBIT_UPGRADE_DRAIN_DEADLINE"
        }
        return nil
    }
}
