extension VirtualServiceSpec {
    /// The VirtualService that has the routes of a host (I 2.13).
    package struct Delegate: Sendable, Hashable {
        package var name: String
        /// Its namespace; nil for the one of the object that this stands in.
        package var namespace: String?

        init(_ reader: ObjectReader) {
            name = reader.string("name", required: true, about: "The VirtualService's name.") ?? ""
            namespace = reader.text("namespace", about: "Its namespace; this one where left out.")
            reader.finish()
        }
    }
}
