/// How many descriptors connections may take, so that some are left for control work (certificates, discovery, pages, files).
///
/// The kernel always gives the lowest free number: a descriptor's number is therefore at most the count of those in use,
/// and nobody has to count. Pure.
package struct DescriptorBudget: Hashable, Sendable {
    /// Descriptors that the process may have (RLIMIT_NOFILE).
    package let limit: Int
    /// What control work has for itself.
    package let reserve: Int

    /// A budget of `limit` descriptors, of which a sixteenth, at least 32 and at most 1,024, is the reserve.
    package init(limit: UInt64) {
        self.limit = Int(clamping: limit)
        reserve = min(max(self.limit / 16, 32), 1024)
    }

    /// No limit is known.
    package static let unlimited = DescriptorBudget(limit: .max)

    /// Whether a connection that was accepted as `descriptor` may stay: twice the reserve must be left, so that those who
    /// were admitted get their upstream sockets.
    package func admits(accepted descriptor: CInt) -> Bool { Int(descriptor) < limit - 2 * reserve }

    /// Whether the upstream socket `descriptor` of an admitted connection may be used.
    package func admits(upstream descriptor: CInt) -> Bool { Int(descriptor) < limit - reserve }
}
