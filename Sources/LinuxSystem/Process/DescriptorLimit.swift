internal import CLinux

/// RLIMIT_NOFILE: how many descriptors the process may hold.
package struct DescriptorLimit: Hashable, Sendable {
    /// What is enforced.
    package let soft: UInt64
    /// How far `soft` may be raised.
    package let hard: UInt64

    /// The limit now.
    package static func current() throws(Errno) -> DescriptorLimit {
        var soft: UInt64 = 0
        var hard: UInt64 = 0
        _ = try Errno.check(unsafe clinux_get_descriptor_limit(&soft, &hard))
        return DescriptorLimit(soft: soft, hard: hard)
    }

    /// Raises the soft limit to the hard one, and returns what holds then.
    package static func raise() throws(Errno) -> DescriptorLimit {
        let limit = try current()
        _ = try Errno.check(clinux_set_descriptor_limit(limit.hard, limit.hard))
        return DescriptorLimit(soft: limit.hard, hard: limit.hard)
    }
}
