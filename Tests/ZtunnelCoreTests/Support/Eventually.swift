import Glibc

/// Waits for a condition with a deadline, as other threads bring it about.
enum Eventually {
    /// Whether `condition` came true within ten seconds.
    static func holds(seconds: Int = 10, every milliseconds: Int = 5, _ condition: () -> Bool) -> Bool {
        for _ in 0..<(seconds * 1_000 / milliseconds) {
            if condition() { return true }
            usleep(UInt32(milliseconds) * 1_000)
        }
        return condition()
    }
}
