/// The control group that a process is in.
package enum ControlGroup {
    /// Of the process `process` (a number, or `self`) in the unified hierarchy; nil if it cannot be read.
    package static func of(_ process: String) -> String? {
        guard let bytes = try? StateDirectory.readFile("/proc/\(process)/cgroup") else { return nil }
        return path(String(decoding: bytes, as: UTF8.self))
    }

    /// Out of the text of /proc/PID/cgroup. systemd runs a service's ExecReload= in a group below where it is delegated.
    package static func path(_ text: String) -> String? {
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("0::") }) else { return nil }
        let path = String(line.dropFirst(3))
        return path.hasSuffix("/.control") ? String(path.dropLast("/.control".count)) : path
    }
}
