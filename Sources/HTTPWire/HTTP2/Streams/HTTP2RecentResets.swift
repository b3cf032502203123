/// The last streams that this side reset. Frames that were under way when the peer had not seen the reset yet are
/// ignored (RFC 9113 section 5.4.2); frames on streams that nobody remembers are errors.
struct HTTP2RecentResets: Sendable {
    private var ring: [UInt32] = []
    private var oldest = 0
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    /// Remembers `id` in the place of the oldest.
    mutating func insert(_ id: UInt32) {
        if ring.count < limit {
            ring.append(id)
        } else {
            ring[oldest] = id
            oldest = (oldest + 1) % limit
        }
    }

    /// Forgets `id`: nothing more can come on it.
    mutating func remove(_ id: UInt32) {
        // There is no stream 0.
        if let index = ring.firstIndex(of: id) { ring[index] = 0 }
    }

    /// True if `id` is among the last ones.
    func contains(_ id: UInt32) -> Bool {
        ring.contains(id)
    }
}
