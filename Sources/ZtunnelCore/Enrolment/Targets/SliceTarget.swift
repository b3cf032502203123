package import LinuxNetfilter

/// A systemd slice, by its name. It need not exist yet.
package struct SliceTarget: Hashable, Sendable {
    /// With its suffix: `database.slice`.
    package let name: String
    /// Its control group: `a-b.slice` lies in `a.slice`.
    package let path: ControlGroupPath

    /// Checks the name; the suffix may be left out.
    package init(_ text: String) throws(EnrolmentError) {
        let name = text.hasSuffix(".slice") ? text : text + ".slice"
        let parts = name.dropLast(".slice".count).split(separator: "-", omittingEmptySubsequences: false)
        guard SystemdName.isUnit(name), !name.contains("@"), parts.allSatisfy({ !$0.isEmpty }) else {
            throw EnrolmentError(
                .invalid, "'\(text)' names no slice of systemd that can be enrolled",
                remedy: "give the name that `systemctl list-units --type=slice` shows; not the root slice")
        }
        let folders = parts.indices.map { parts[...$0].joined(separator: "-") + ".slice" }
        guard let path = ControlGroupPath(folders.joined(separator: "/")) else {
            throw EnrolmentError(
                .invalid, "the slice \(name) is \(parts.count) slices deep",
                remedy: "enrol one of the \(ControlGroupPath.levelLimit) outer ones")
        }
        self.name = name
        self.path = path
    }
}
