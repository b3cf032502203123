/// Where requests or connections go: a service, and which of its endpoints.
package struct Destination: Sendable, Hashable {
    /// The service's host; a name without a dot is in the namespace of the object that it stands in.
    package var host: String
    /// The DestinationRule's subset; nil for all endpoints.
    package var subset: String?
    /// The service's port; nil for its only one, or the one that the request came to.
    package var port: UInt16?

    /// All endpoints of a host.
    package init(host: String) {
        self.host = host
    }

    init(_ reader: ObjectReader) {
        host =
            reader.string("host", required: true, about: "The service's host; a short name is in this namespace.") ?? ""
        subset = reader.string("subset", about: "A subset that a DestinationRule of the host defines.")
        if let number = reader.object(
            "port", short: .number("number"), about: "The service's port; needed where it has several.")
        {
            port = number.port("number", about: "The port's number.")
            number.finish()
        }
        reader.finish()
    }
}
