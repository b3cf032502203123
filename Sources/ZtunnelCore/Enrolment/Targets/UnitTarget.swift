/// A systemd service, by its name. It need not exist yet.
package struct UnitTarget: Hashable, Sendable {
    /// With its suffix: `frontend.service`.
    package let name: String

    /// Checks the name; without a suffix it is a service.
    package init(_ text: String) throws(EnrolmentError) {
        let name = text.hasSuffix(".service") ? text : text + ".service"
        let stem = name.dropLast(".service".count)
        guard SystemdName.isUnit(name), !stem.isEmpty, !stem.hasSuffix("@") else {
            throw EnrolmentError(
                .invalid, "'\(text)' names no service of systemd",
                remedy:
                    "give the name that `systemctl list-units --type=service` shows, with the instance of a template")
        }
        for suffix in ["socket", "timer", "target", "scope", "slice", "mount", "path", "device", "swap", "automount"]
        where stem.hasSuffix("." + suffix) {
            throw EnrolmentError(
                .invalid, "'\(text)' is not a service, and only services can be enrolled as units",
                remedy: "enrol the service that it starts, its slice (kind slice), or its main process (kind pid)")
        }
        self.name = name
    }
}
