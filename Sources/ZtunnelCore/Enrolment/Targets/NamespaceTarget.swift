/// Which network namespace is meant: one that `ip netns` knows by name, or a path such as /proc/1234/ns/net.
package struct NamespaceTarget: Hashable, Sendable {
    /// As it was given.
    package let text: String

    /// Checks that `text` is a name or an absolute path.
    package init(_ text: String) throws(EnrolmentError) {
        let isPath = text.hasPrefix("/")
        let isPrintable = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f } && text.utf8.count <= 4096
        let isName = !text.contains("/") && text != "." && text != ".." && text.utf8.count <= 255
        guard !text.isEmpty, isPrintable, isPath || isName else {
            throw EnrolmentError(
                .invalid, "'\(text)' names no network namespace",
                remedy: "give a name that `ip netns list` shows, or a path such as /proc/1234/ns/net")
        }
        self.text = text
    }

    /// Where its file is.
    package var path: String { text.hasPrefix("/") ? text : "/run/netns/" + text }

    /// The name that `ip netns` knows it by, nil for other paths.
    package var name: String? {
        for prefix in ["/run/netns/", "/var/run/netns/"] where path.hasPrefix(prefix) {
            return String(path.dropFirst(prefix.count))
        }
        return nil
    }

    /// Where the resolver settings of its programs are, best first: the file that `ip netns exec` puts in place of
    /// /etc/resolv.conf, then that one.
    package var resolverFiles: [String] {
        (name.map { ["/etc/netns/\($0)/resolv.conf"] } ?? []) + ["/etc/resolv.conf"]
    }
}
