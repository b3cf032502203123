import LinuxSystem
import NodeCore

/// Finds the first process of a container. On the namespace thread: asks files and programs.
struct ContainerLeader {
    private let host: HostView

    init(_ host: HostView) {
        self.host = host
    }

    /// The number of the process. Throws when no container of that name runs, or several do.
    func find(_ container: ContainerTarget) throws(EnrolmentError) -> UInt32 {
        var found: [(runtime: ContainerTarget.Runtime, process: UInt32)] = []
        for runtime in container.runtime.map({ [$0] }) ?? ContainerTarget.Runtime.allCases {
            if let process = try process(container.name, runtime, isChosen: container.runtime != nil) {
                found.append((runtime, process))
            }
        }
        guard let first = found.first else {
            throw EnrolmentError(
                .unknown, "no container \(container.text) runs",
                remedy: "start it, the enrolment takes effect then; see `podman ps`, `docker ps`, `machinectl list`")
        }
        guard found.count == 1 else {
            let names = found.map { "\($0.runtime.rawValue):\(container.name)" }.joined(separator: " or ")
            throw EnrolmentError(
                .conflict, "several containers are called \(container.name)", remedy: "name \(names)")
        }
        return first.process
    }

    private func process(
        _ name: String, _ runtime: ContainerTarget.Runtime, isChosen: Bool
    ) throws(EnrolmentError) -> UInt32? {
        switch runtime {
        case .nspawn:
            guard let bytes = try? StateDirectory.readFile("\(host.machineFolder)/\(name)") else { return nil }
            return Self.leader(String(decoding: bytes, as: UTF8.self))
        case .podman, .docker:
            let command = [
                runtime.rawValue, "inspect", "--type", "container", "--format", "{{.State.Pid}}", "--", name,
            ]
            guard let outcome = try? host.run(command) else {
                guard isChosen else { return nil }
                throw EnrolmentError(
                    .failed, "there is no program \(runtime.rawValue) on this host",
                    remedy: "install it, or enrol the container's network namespace (kind netns)")
            }
            guard !outcome.isLate else {
                throw EnrolmentError(
                    .failed,
                    "\(runtime.rawValue) did not say within \(HostView.programLimit.components.seconds) s "
                        + "whether it runs a container \(name)",
                    remedy: "see that `\(command.joined(separator: " "))` works by hand")
            }
            return outcome.status == 0 ? Self.number(outcome.output) : nil
        }
    }

    /// The leader in a file of systemd-machined: lines of NAME=VALUE.
    static func leader(_ text: String) -> UInt32? {
        text.split(separator: "\n").first { $0.hasPrefix("LEADER=") }.flatMap { number(String($0.dropFirst(7))) }
    }

    /// What `inspect` prints for a container; 0 for one that does not run.
    static func number(_ text: String) -> UInt32? {
        let word = text.split(whereSeparator: \.isWhitespace).last.map(String.init) ?? ""
        return UInt32(word).flatMap { $0 > 1 ? $0 : nil }
    }
}
