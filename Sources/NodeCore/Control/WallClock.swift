import Glibc

/// The time of day, for log lines.
package enum WallClock {
    /// Microseconds since 1970.
    package static func microseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UInt64(clamping: time.tv_sec) &* 1_000_000 &+ UInt64(clamping: time.tv_nsec / 1_000)
    }
}
