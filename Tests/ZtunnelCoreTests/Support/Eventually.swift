import Glibc

/// Waits for a condition with a deadline, as other threads bring it about.
enum Eventually {
    /// Whether `condition` came true within ten seconds.
    static func holds(seconds: Int = 10, _ condition: () -> Bool) -> Bool {
        for _ in 0..<(seconds * 200) {
            if condition() { return true }
            usleep(5_000)
        }
        return condition()
    }
}
