/// The bounds of one shard.
package struct MetricLimits: Sendable {
    /// Series rows that a shard keeps; beyond it, new label values are counted in one row whose labels are all
    /// `overflow`, so that an attacker who invents names cannot fill the memory (istio/ztunnel#1942).
    package var maximumRows: Int
    /// Seconds after its last use that a row nobody holds is forgotten.
    package var idleSeconds: Int64

    /// The defaults: 10,000 rows, one hour.
    package init(maximumRows: Int = 10_000, idleSeconds: Int64 = 3600) {
        self.maximumRows = maximumRows
        self.idleSeconds = idleSeconds
    }
}
