/// A host name, or `*` and `*.x` for many, compared without case (I 2.1).
package struct HostPattern: Sendable, Hashable {
    private let suffix: [UInt8]
    private let isWildcard: Bool

    /// The pattern that `text` is; anything but a leading `*` is compared as it stands.
    package init(_ text: String) {
        isWildcard = text.hasPrefix("*")
        suffix = Array(text.lowercased().utf8.dropFirst(isWildcard ? 1 : 0))
    }

    /// Whether every host of this one is one of `other`.
    package func isSubset(of other: HostPattern) -> Bool {
        guard other.isWildcard else { return !isWildcard && suffix == other.suffix }
        return suffix.count >= other.suffix.count && suffix.suffix(other.suffix.count).elementsEqual(other.suffix)
            && (isWildcard || suffix.count > other.suffix.count)
    }

    /// Whether there is a host that both are.
    package func overlaps(_ other: HostPattern) -> Bool { isSubset(of: other) || other.isSubset(of: self) }
}
