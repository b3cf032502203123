internal import CLinux

/// The kernel's clocks. Only `main` and shells read them; everything else is handed the time.
package enum SystemClock {
    /// CLOCK_MONOTONIC in nanoseconds.
    package static var monotonicNanoseconds: UInt64 { clinux_monotonic_nanoseconds() }
    /// CLOCK_REALTIME in whole seconds since 1970.
    package static var unixSeconds: Int64 { clinux_realtime_seconds() }
}
