import Glibc
import LinuxNetfilter
import NodeCore

/// Tells systemd about enrolled units, and takes it back. On the namespace thread: files are written, systemd is waited for.
struct UnitSetup: Sendable {
    let host: HostView

    /// Puts the files of a unit in place and starts its slice, so that the slice's control group is there.
    func prepare(_ files: UnitFiles) throws(EnrolmentError) {
        let isChanged = try [
            write(files.slicePath, files.sliceText), write(files.dropInPath, files.dropInText),
        ].contains(true)
        if isChanged { try reload() }
        try start(slice: files.slice, files.group)
        if isChanged { watchRunning(files) }
    }

    /// Starts what a start of the unit would have started with it, had it been enrolled by then. Without it the unit is served
    /// all the same, only not drained before its next stop, so a failure is none of the enrolment.
    private func watchRunning(_ files: UnitFiles) {
        guard let state = try? state(of: files.unit), state.group.map(host.isPopulated) == true else { return }
        _ = try? host.answer(
            ["systemctl", "start", "--no-block", "--", files.endpoint], to: "start \(files.endpoint)")
    }

    /// Starts a slice that has no control group. Slices that have one are left alone.
    func start(slice: String, _ group: ControlGroupPath) throws(EnrolmentError) {
        guard host.identity(group) == nil else { return }
        _ = try host.answer(["systemctl", "start", "--", slice], to: "start the slice \(slice)")
        guard host.identity(group) != nil else {
            throw EnrolmentError(
                .failed, "the slice \(slice) has no control group \(group.folder)",
                remedy: "Ambit needs systemd with the unified control group hierarchy (boot without "
                    + "systemd.unified_cgroup_hierarchy=0)")
        }
    }

    /// Removes the files of a unit. It stays in its slice until it is started anew.
    func withdraw(_ files: UnitFiles) throws(EnrolmentError) {
        let gone = [files.dropInPath, files.slicePath].map { path -> Bool in
            unlink("\(host.unitFolder)/\(path)") == 0
        }
        rmdir("\(host.unitFolder)/\(files.unit.name).d")
        if gone.contains(true) { try reload() }
        try stopIfEmpty(files)
    }

    /// The control group that a unit's processes are in now, and whether systemd knows the unit.
    func state(of unit: UnitTarget) throws(EnrolmentError) -> (group: ControlGroupPath?, isKnown: Bool) {
        let answer = try host.answer(
            ["systemctl", "show", "--property=LoadState,ControlGroup", "--", unit.name],
            to: "look up the unit \(unit.name)")
        var values: [String: String] = [:]
        for line in answer.split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { values[String(parts[0])] = String(parts[1]) }
        }
        let state = values["LoadState"] ?? ""
        if state == "masked" {
            throw EnrolmentError(
                .invalid, "the unit \(unit.name) is masked",
                remedy: "run `systemctl unmask \(unit.name)`, or enrol another")
        }
        return (values["ControlGroup"].flatMap(ControlGroupPath.init), state != "not-found")
    }

    /// Removes every file of ours from systemd's folder; what a package's removal does, whatever was enrolled.
    static func removeAll(_ host: HostView) throws(EnrolmentError) {
        var isChanged = false
        for name in entries(host.unitFolder) {
            if name.hasPrefix("ambit-"), name.hasSuffix(".slice"), isOurs("\(host.unitFolder)/\(name)") {
                isChanged = unlink("\(host.unitFolder)/\(name)") == 0 || isChanged
            }
            let dropIn = "\(host.unitFolder)/\(name)/\(UnitFiles.dropInName)"
            if name.hasSuffix(".service.d"), isOurs(dropIn) {
                isChanged = unlink(dropIn) == 0 || isChanged
                rmdir("\(host.unitFolder)/\(name)")
            }
        }
        if isChanged { try UnitSetup(host: host).reload() }
    }

    private func reload() throws(EnrolmentError) {
        _ = try host.answer(["systemctl", "daemon-reload"], to: "tell systemd of the changed units")
    }

    private func stopIfEmpty(_ files: UnitFiles) throws(EnrolmentError) {
        guard host.identity(files.group) != nil, !host.isPopulated(files.group) else { return }
        // Without its file the slice may be stopped; nothing runs in it.
        _ = try? host.answer(["systemctl", "stop", "--", files.slice], to: "stop the slice \(files.slice)")
    }

    /// Writes a file unless it is there already; whether it did. The file is readable for all, as units are.
    private func write(_ path: String, _ text: String) throws(EnrolmentError) -> Bool {
        let file = "\(host.unitFolder)/\(path)"
        if let there = try? StateDirectory.readFile(file) {
            if there == Array(text.utf8) { return false }
            guard Self.isOurs(file) else {
                throw EnrolmentError(
                    .conflict, "\(file) is there already, and not written by ztunnel",
                    remedy: "move what it says to a drop-in of another name")
            }
        }
        if let slash = file.lastIndex(of: "/") { mkdir(String(file[..<slash]), 0o755) }
        let draft = file + ".new"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        let bytes = Array(text.utf8)
        let isWritten =
            descriptor >= 0 && fchmod(descriptor, 0o644) == 0
            && Glibc.write(descriptor, bytes, bytes.count) == bytes.count && fsync(descriptor) == 0
        let reason = strerror(errno).map { String(cString: $0) } ?? "error \(errno)"
        if descriptor >= 0 { close(descriptor) }
        guard isWritten, rename(draft, file) == 0 else {
            unlink(draft)
            throw EnrolmentError(
                .failed, "cannot write \(file): \(reason)",
                remedy: "let ztunnel write to \(host.unitFolder) (ReadWritePaths= of its unit)")
        }
        return true
    }

    private static func isOurs(_ file: String) -> Bool {
        guard let bytes = try? StateDirectory.readFile(file) else { return false }
        return bytes.starts(with: UnitFiles.signature.utf8)
    }

    private static func entries(_ folder: String) -> [String] {
        guard let listing = opendir(folder) else { return [] }
        defer { closedir(listing) }
        var names: [String] = []
        while let entry = readdir(listing) {
            names.append(
                withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                })
        }
        return names.sorted()
    }
}
