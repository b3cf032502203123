import LinuxNetfilter

/// What systemd is told about an enrolled unit: a slice of its own, and a drop-in that puts the unit into it.
///
/// A rule names the control group that exists when it is loaded, and a unit's own is a new one after each restart. The
/// slice's stays for as long as the host runs. Pure texts and names; `UnitSetup` writes them.
struct UnitFiles: Equatable, Sendable {
    /// The first words of every file that is ours.
    static let signature = "# Written by ztunnel (Ambit)"
    /// The name of the drop-in. What an administrator adds by a later name wins.
    static let dropInName = "50-ambit.conf"

    /// The unit.
    let unit: UnitTarget
    /// The workload, `namespace/name`.
    let uid: String
    /// The slice's name, `ambit-shop:front_end.slice`.
    let slice: String
    /// The slice's control group.
    let group: ControlGroupPath
    /// The path of the mark without which the unit does not start.
    let mark: String

    /// Nil if the name of the workload is too long for a slice.
    init?(unit: UnitTarget, uid: String, marks: CaptureMarks) {
        let slice = Self.slice(uid)
        guard SystemdName.isUnit(slice), let group = ControlGroupPath("ambit.slice/\(slice)") else { return nil }
        self.unit = unit
        self.uid = uid
        self.slice = slice
        self.group = group
        mark = marks.path(uid)
    }

    /// The name of what belongs to a workload. A hyphen in a slice's name would mean a slice inside a slice; names of
    /// workloads have no underscore and no colon.
    static func stem(_ uid: String) -> String {
        "ambit-" + uid.map { $0 == "-" ? "_" : $0 == "/" ? ":" : $0 }
    }

    /// The name of the slice of a workload whose unit is enrolled.
    static func slice(_ uid: String) -> String { stem(uid) + ".slice" }

    /// The unit that drains the workload before its unit stops (systemd/ambit-endpoint@.service).
    var endpoint: String { "ambit-endpoint@\(unit.name).service" }

    /// The path of the slice's unit below systemd's folder.
    var slicePath: String { slice }

    /// The path of the drop-in below systemd's folder.
    var dropInPath: String { "\(unit.name).d/\(Self.dropInName)" }

    /// The slice's unit.
    var sliceText: String {
        """
        \(Self.signature): the control group of the workload \(uid).
        # `ambitctl unenroll` removes it.
        [Unit]
        Description=Ambit workload \(uid)
        # A new control group would not be captured.
        RefuseManualStop=yes

        """
    }

    /// The unit's drop-in.
    var dropInText: String {
        """
        \(Self.signature): \(unit.name) is enrolled in the mesh as \(uid).
        # `ambitctl unenroll` removes it.
        [Unit]
        # At boot the capture rules come first. Without them the unit does not start: its traffic would go out in the clear.
        Wants=ambit-capture.service \(endpoint)
        After=ambit-capture.service
        AssertPathExists=\(mark)

        [Service]
        # Its restarts do not change this control group, which the capture rules know it by.
        Slice=\(slice)

        """
    }
}
