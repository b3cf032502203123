/// A host as routes name it: a DNS name in lower case without a final dot, `*.x` for all below x, `*` for all (I 2.1).
package struct HostName: Hashable, Sendable, CustomStringConvertible {
    /// The text in its normal form.
    package let text: String

    /// The host of a text.
    package init(_ text: String) {
        let lower = text.lowercased()
        self.text = lower.count > 1 && lower.hasSuffix(".") ? String(lower.dropLast()) : lower
    }

    /// The host that `text` means in a resource of `namespace`: a name without a dot is a service of that namespace; others,
    /// wildcards and addresses stand for themselves.
    package init(_ text: String, in namespace: String, domainSuffix: String) {
        let isShort = !text.isEmpty && !text.contains(".") && !text.contains(":") && !text.contains("*")
        self.init(isShort ? "\(text).\(namespace).svc.\(domainSuffix)" : text)
    }

    package var description: String { text }

    /// Whether it stands for many names.
    package var isWildcard: Bool { text.hasPrefix("*") }

    /// What every name that it stands for ends with; for a name, all of it.
    private var ending: Substring { isWildcard ? text.dropFirst() : text[...] }

    /// Whether every name of this one is a name of `other`.
    package func isSubset(of other: HostName) -> Bool {
        guard other.isWildcard else { return self == other }
        guard ending.hasSuffix(other.ending) else { return false }
        // x.y is not below *.x.y, which needs a label more.
        return isWildcard || text.utf8.count > other.ending.utf8.count
    }

    /// The names that both stand for: the narrower of the two, nil where they have none in common.
    package func intersection(_ other: HostName) -> HostName? {
        if isSubset(of: other) { return self }
        return other.isSubset(of: self) ? other : nil
    }

    /// Orders the more specific first: names before wildcards, long endings before short ones, then by text.
    package static func isMoreSpecific(_ left: HostName, _ right: HostName) -> Bool {
        if left.isWildcard != right.isWildcard { return !left.isWildcard }
        let lengths = (left.text.utf8.count, right.text.utf8.count)
        return lengths.0 != lengths.1 ? lengths.0 > lengths.1 : left.text < right.text
    }
}
