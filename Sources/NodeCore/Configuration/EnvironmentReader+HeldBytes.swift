extension EnvironmentReader {
    /// What a process holds at most where nobody says more: 512 MiB.
    private static let defaultHeldBytes = 512 << 20

    /// AMBIT_MAX_HELD_BYTES, from 1 MiB to 1 TiB: one worker's share of it (`DataPlaneLimits.heldBytes`), in bytes. They do not know of each
    /// other, so each has the same.
    package mutating func heldBytes(workers: Int) -> Int {
        let held = number("AMBIT_MAX_HELD_BYTES", in: (1 << 20)...(1 << 40), default: Self.defaultHeldBytes)
        return max(held / max(workers, 1), 1)
    }
}
