internal import CLinux

/// Random bytes of the kernel (`getrandom(2)`).
package enum SystemRandom {
    /// `count` unpredictable bytes.
    package static func bytes(_ count: Int) throws(Errno) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: max(count, 0))
        let result = unsafe bytes.withUnsafeMutableBytes { unsafe clinux_random($0.baseAddress, $0.count) }
        _ = try Errno.check(result)
        return bytes
    }
}
