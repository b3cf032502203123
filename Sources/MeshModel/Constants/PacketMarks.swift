/// Marks in the low 12 bits of packets (Z 6.4).
package enum PacketMarks {
    /// A packet that the ztunnel sent.
    package static let proxy: UInt32 = 0x539
    /// A connection that the ztunnel opened to the application, which may carry the client's address; both its directions.
    package static let originalSource: UInt32 = 0x111
    /// The bits that both marks use.
    package static let mask: UInt32 = 0xfff
    /// The routing table that brings replies to `originalSource` connections back to the ztunnel.
    package static let routingTable: UInt32 = 100
    /// The priority of the rule that leads to that table.
    package static let rulePriority: UInt32 = 32764
}
