import Glibc
import LinuxNetfilter
package import LinuxSystem
import NodeCore

/// Where enrolment looks at this host and whom it asks: paths and programs, which tests replace.
///
/// Used on the namespace thread: files are read and programs are waited for, each for at most `programLimit`.
package struct HostView: Sendable {
    /// How long systemctl, podman or docker may take for one answer.
    package static let programLimit: Duration = .seconds(10)
    /// Control groups that one workload may consist of.
    package static let groupLimit = 4096

    /// Where systemd reads what administrators add to units.
    package var unitFolder = "/etc/systemd/system"
    /// /proc
    package var processFolder = "/proc"
    /// Where systemd-machined notes its machines.
    package var machineFolder = "/run/systemd/machines"
    /// Which workloads' capture rules are loaded since the boot; their units do not start without.
    package var marks = CaptureMarks(folder: "/run/ambit-capture")
    /// Runs a program; nil when there is none of that name.
    package var run: @Sendable ([String]) throws(Errno) -> ChildProcess.Outcome? = HostView.program

    /// This host.
    package init() {}

    private static func program(_ arguments: [String]) throws(Errno) -> ChildProcess.Outcome? {
        do throws(Errno) {
            return try ChildProcess.run(arguments, limit: programLimit)
        } catch .noSuchFile {
            return nil
        }
    }

    /// What a program says that must be there and succeed.
    func answer(_ arguments: [String], to purpose: String) throws(EnrolmentError) -> String {
        let command = arguments.joined(separator: " ")
        let outcome: ChildProcess.Outcome?
        do throws(Errno) {
            outcome = try run(arguments)
        } catch {
            throw EnrolmentError(
                .failed, "cannot \(purpose): `\(command)` cannot be started: \(error)", remedy: "try it by hand")
        }
        guard let outcome else {
            throw EnrolmentError(
                .failed, "cannot \(purpose): there is no program \(arguments.first ?? "")",
                remedy: "install it, or enrol the workload in another way")
        }
        guard outcome.status == 0, !outcome.isLate else {
            let reason =
                outcome.isLate
                ? "did not end within \(Self.programLimit.components.seconds) s"
                : "said: \(outcome.output.split(separator: "\n").first.map(String.init) ?? "status \(outcome.status)")"
            throw EnrolmentError(
                .failed, "cannot \(purpose): `\(command)` \(reason)", remedy: "see that it works by hand")
        }
        return outcome.output
    }

    /// IPv4, and IPv6 if it is not switched off on the loopback interface, which the redirects lead to.
    var families: [AddressFamily] {
        let switched = try? StateDirectory.readFile("\(processFolder)/sys/net/ipv6/conf/lo/disable_ipv6")
        return switched?.first == UInt8(ascii: "0") ? [.ipv4, .ipv6] : [.ipv4]
    }

    /// The number that tells a control group from a later one with the same path; nil if there is none.
    func identity(_ group: ControlGroupPath) -> UInt64? {
        Self.inode(group.folder)
    }

    /// The control group of a process, as the unified hierarchy has it; nil if the process is gone.
    func controlGroup(of process: String) -> String? {
        guard let bytes = try? StateDirectory.readFile("\(processFolder)/\(process)/cgroup") else { return nil }
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") where line.hasPrefix("0::") {
            return String(line.dropFirst(3))
        }
        return nil
    }

    /// When a process was started, in clock ticks since the boot, with the boot's own number: a process number alone is
    /// given to somebody else later. Nil if it is gone.
    func incarnation(_ process: ProcessTarget) -> String? {
        guard let bytes = try? StateDirectory.readFile("\(processFolder)/\(process.number)/stat"),
            let boot = try? StateDirectory.readFile("\(processFolder)/sys/kernel/random/boot_id")
        else { return nil }
        // The second field is the program's name in parentheses, which may itself hold blanks and parentheses.
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 19 else { return nil }
        return fields[19] + "@" + String(decoding: boot.prefix { $0 > 0x20 }, as: UTF8.self)
    }

    /// The identities of a control group and of all inside it.
    func identities(under group: ControlGroupPath) -> Set<UInt64> {
        var found: Set<UInt64> = []
        var folders = [group.folder]
        while let folder = folders.popLast(), found.count < Self.groupLimit {
            guard let inode = Self.inode(folder), found.insert(inode).inserted, let listing = opendir(folder) else {
                continue
            }
            defer { closedir(listing) }
            while let entry = readdir(listing) {
                guard entry.pointee.d_type == UInt8(DT_DIR) else { continue }
                let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
                if name != ".", name != ".." { folders.append("\(folder)/\(name)") }
            }
        }
        return found
    }

    /// Whether a process is in a control group or inside it.
    func isPopulated(_ group: ControlGroupPath) -> Bool {
        guard let bytes = try? StateDirectory.readFile(group.folder + "/cgroup.events") else { return false }
        return String(decoding: bytes, as: UTF8.self).contains("populated 1")
    }

    private static func inode(_ path: String) -> UInt64? {
        var facts = stat()
        return stat(path, &facts) == 0 ? UInt64(facts.st_ino) : nil
    }
}
