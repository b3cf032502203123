/// What the new generation must know and cannot read from the disk.
package struct UpgradeInheritance: Hashable, Sendable {
    /// Whether the old one knows the state of the mesh, so that the new one must find it on the disk.
    package var hasSnapshot: Bool
    /// How often systemd wants to hear WATCHDOG=1, in microseconds; 0 for never. It tells only the first main process.
    package var watchdogMicroseconds: UInt64
    /// Names the capture rules that are loaded (`CaptureRules.fingerprint`): they are left alone where they are the same.
    package var captureRules: String

    /// The three facts.
    package init(hasSnapshot: Bool, watchdogMicroseconds: UInt64, captureRules: String) {
        self.hasSnapshot = hasSnapshot
        self.watchdogMicroseconds = watchdogMicroseconds
        self.captureRules = captureRules
    }
}
