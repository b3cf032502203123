/// The bounds of a JSON text.
package struct JSONLimits: Sendable {
    /// Objects and arrays inside one another.
    package var maximumDepth: Int
    /// Bytes of the text.
    package var maximumBytes: Int

    /// The defaults: 100 levels, 3 MiB (the size that a Kubernetes API server takes).
    package init(maximumDepth: Int = 100, maximumBytes: Int = 3 << 20) {
        self.maximumDepth = maximumDepth
        self.maximumBytes = maximumBytes
    }
}
