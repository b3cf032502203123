package import FoundationEssentials

/// The bounds of a store and what it is given from outside.
package struct StoreConfiguration: Sendable {
    /// Changes that are kept for watches; older ones are gone.
    package var keptChanges: Int64
    /// How long a write waits for another process that holds the database.
    package var busyTimeout: Double
    /// The clock of creation times.
    package var now: @Sendable () -> Date

    /// The defaults: 10,000 changes, 5 seconds.
    package init(keptChanges: Int64 = 10_000, busyTimeout: Double = 5, now: @escaping @Sendable () -> Date = { Date() })
    {
        self.keptChanges = keptChanges
        self.busyTimeout = busyTimeout
        self.now = now
    }
}
