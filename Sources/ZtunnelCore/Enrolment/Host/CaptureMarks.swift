import Glibc
import NodeCore

/// Files that say which workloads of this host have their capture rules loaded: an enrolled unit does not start without its
/// own. They are in memory, so no boot finds those of an earlier one, and stay when ztunnel stops, as the rules do.
package struct CaptureMarks: Sendable {
    /// Where they are.
    package let folder: String

    /// Names the folder.
    package init(folder: String) {
        self.folder = folder
    }

    /// The path of a workload's mark.
    func path(_ uid: String) -> String { "\(folder)/\(UnitFiles.stem(uid))" }

    /// Makes a workload's mark, if it is not there.
    func set(_ uid: String) throws(EnrolmentError) {
        let path = path(uid)
        if access(path, F_OK) == 0 { return }
        mkdir(folder, 0o755)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw EnrolmentError(
                .failed, "cannot make the file \(path): \(strerror(errno).map { String(cString: $0) } ?? "")",
                remedy: "let ztunnel write there; the workload's unit does not start without it")
        }
        close(descriptor)
    }

    /// Removes a workload's mark.
    func clear(_ uid: String) {
        unlink(path(uid))
    }

    /// Where the rules of the host are that are in force, for the reload of nftables.service: it flushes everybody's rules, and
    /// loads these in the same transaction (systemd/nftables-ambit.conf).
    var rulesFile: String { "\(folder)/rules.nft" }

    /// Keeps the text of the rules in force; nil: there are none.
    func keep(rules text: String?) throws(EnrolmentError) {
        guard let text else {
            unlink(rulesFile)
            return
        }
        mkdir(folder, 0o755)
        // Another name than nft looks for, until it is whole.
        let draft = "\(folder)/rules.new"
        let bytes = Array(text.utf8)
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        let isWritten = descriptor >= 0 && write(descriptor, bytes, bytes.count) == bytes.count
        let reason = strerror(errno).map { String(cString: $0) } ?? ""
        if descriptor >= 0 { close(descriptor) }
        guard isWritten, rename(draft, rulesFile) == 0 else {
            unlink(draft)
            throw EnrolmentError(
                .failed, "cannot write \(rulesFile): \(reason)",
                remedy:
                    "let ztunnel write there; a reload of nftables.service would leave the host without capture rules")
        }
    }

    /// Removes all of them, and the folder.
    func clear() {
        unlink(rulesFile)
        for name in (try? StateDirectory(reading: folder).files(suffix: "")) ?? [] where name.hasPrefix("ambit-") {
            unlink("\(folder)/\(name)")
        }
        rmdir(folder)
    }
}
