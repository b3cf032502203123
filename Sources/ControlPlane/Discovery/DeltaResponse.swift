/// A `DeltaDiscoveryResponse` of one type, free of the wire.
package struct DeltaResponse: Sendable, Equatable {
    /// The type that it is of.
    package let type: DiscoveryType
    /// What the client does not hold in this version yet.
    package let resources: [DiscoveryResource]
    /// Names that are gone, or that were asked for and do not exist.
    package let removed: [String]
    /// What the client's acknowledgement will name.
    package let nonce: String
    /// The snapshot that it was made from, for people who debug.
    package let snapshotRevision: UInt64
}
