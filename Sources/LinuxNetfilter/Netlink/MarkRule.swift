/// A routing rule by packet mark: `fwmark MARK/MASK pref PRIORITY lookup TABLE`.
package struct MarkRule: Hashable, Sendable, CustomStringConvertible {
    /// The mark that a packet must carry, under `mask`.
    package let mark: UInt32
    /// The bits of the mark that count.
    package let mask: UInt32
    /// Its place among the rules; lower goes first.
    package let priority: UInt32
    /// The routing table that is looked up.
    package let table: UInt32

    /// A rule for packets that carry `mark`.
    package init(mark: UInt32, mask: UInt32, priority: UInt32, table: UInt32) {
        self.mark = mark
        self.mask = mask
        self.priority = priority
        self.table = table
    }

    /// As `ip rule` writes it.
    package var description: String {
        "fwmark 0x\(String(mark, radix: 16))/0x\(String(mask, radix: 16)) pref \(priority) lookup \(table)"
    }
}
