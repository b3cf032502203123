extension VirtualServiceSpec {
    /// One of the places that requests are shared among.
    package struct HTTPRouteDestination: Sendable, Hashable {
        /// The place.
        package var destination: Destination
        /// Its share among the sum of all weights; of no meaning where it is the only one.
        package var weight: Int
        /// Changes of headers of what goes there, after those of the route.
        package var headers: HeaderOperations?
    }
}

extension VirtualServiceSpec.HTTPRouteDestination {
    init(_ reader: ObjectReader) {
        destination = VirtualServiceSpec.destination(of: reader)
        weight = reader.count("weight", about: "Its share among the sum of all weights.") ?? 0
        headers = reader.object("headers", about: "Changes of headers of what goes there.").map { HeaderOperations($0) }
        reader.finish()
    }
}

extension VirtualServiceSpec {
    /// The `destination` of an entry of a route; an empty one, and a problem noted, where it is missing.
    static func destination(of reader: ObjectReader) -> Destination {
        reader.object(
            "destination", required: true, short: .text("host"), about: "The service, and which of its endpoints."
        ).map {
            Destination($0)
        } ?? Destination(host: "")
    }
}
