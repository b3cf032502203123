extension VirtualServiceSpec {
    /// One of the places that connections are shared among.
    package struct RouteDestination: Sendable, Hashable {
        package var destination: Destination
        /// Its share among the sum of all weights; of no meaning where it is the only one.
        package var weight: Int

        init(_ reader: ObjectReader) {
            destination = VirtualServiceSpec.destination(of: reader)
            weight = reader.count("weight", about: "Its share among the sum of all weights.") ?? 0
            reader.finish()
        }
    }
}
