/// The path of a control group below /sys/fs/cgroup, such as `ambit.slice/ambit-shop:web.slice`: one that rules can name.
package struct ControlGroupPath: Hashable, Sendable, CustomStringConvertible {
    /// How deep a control group may be: the rules look at this many levels.
    package static let levelLimit = 6
    /// The longest path that is accepted, in bytes.
    package static let lengthLimit = 1024
    /// Where the unified hierarchy is mounted; nft looks for its paths there, too.
    package static let root = "/sys/fs/cgroup"

    /// Without a slash at either end.
    package let description: String
    /// How many control groups lead to it, itself included.
    package let level: Int

    /// Nil if the rules could not name it: it is the root, too deep, too long, or its name would break out of the text.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: true)
        guard (1...Self.levelLimit).contains(parts.count), text.utf8.count <= Self.lengthLimit,
            !parts.contains("."), !parts.contains(".."),
            // A quote or line end would end the string in the nft text, an asterisk makes it a pattern.
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != 0x22 && $0 != 0x2a })
        else { return nil }
        description = parts.joined(separator: "/")
        level = parts.count
    }

    /// Its folder.
    package var folder: String { "\(Self.root)/\(description)" }

    /// Whether `other` is this control group, or inside it.
    package func contains(_ other: String) -> Bool {
        let path = other.drop { $0 == "/" }
        return path == description || path.hasPrefix(description + "/")
    }
}
