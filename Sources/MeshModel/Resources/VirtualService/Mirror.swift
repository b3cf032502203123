extension VirtualServiceSpec {
    /// A service that gets copies of requests (I 2.10).
    package struct Mirror: Sendable, Hashable {
        package var destination: Destination
        /// How many requests; nil for all.
        package var percentage: Percentage?

        init(_ reader: ObjectReader) {
            destination = VirtualServiceSpec.destination(of: reader)
            percentage = reader.percentage("percentage", about: "How many of the requests; all without.")
            reader.finish()
        }
    }
}
