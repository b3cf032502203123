/// A container of this host, by name, and if need be by the program that runs it: `web`, `podman:web`.
package struct ContainerTarget: Hashable, Sendable {
    /// The programs that are asked for a container, in this order.
    package enum Runtime: String, CaseIterable, Sendable {
        /// systemd-nspawn, or anything else that registers with systemd-machined.
        case nspawn
        /// Podman, of the user root.
        case podman
        /// Docker.
        case docker
    }

    /// As it was given.
    package let text: String
    /// Its name.
    package let name: String
    /// Who runs it; nil asks all of them.
    package let runtime: Runtime?

    /// Checks the name.
    package init(_ text: String) throws(EnrolmentError) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        runtime = parts.count == 2 ? Runtime(rawValue: parts[0]) : nil
        let name = parts.last ?? ""
        let isWord = name.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
            default: "-_.".utf8.contains(byte)
            }
        }
        guard parts.count == 1 || runtime != nil, isWord, !name.isEmpty, name.utf8.count <= 255,
            !name.hasPrefix("-"), !name.hasPrefix(".")
        else {
            throw EnrolmentError(
                .invalid, "'\(text)' names no container",
                remedy: "give its name, with nspawn:, podman: or docker: before it if several have one of that name")
        }
        self.text = text
        self.name = name
    }
}
