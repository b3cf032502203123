package import HTTPWire
import MeshModel
import NodeCore

/// What an inbound CONNECT says about itself beside its authority; all of it is for names in metrics and logs, none of it
/// for authorization.
package struct InboundHeaders {
    /// The service that the client addressed, from `forwarded: host=`.
    package let host: String?
    /// The network that the request came from, when it crossed a gateway.
    package let forwardedNetwork: String?
    private let fields: HTTPFieldBlock

    /// Reads the headers of a request.
    package init(_ fields: HTTPFieldBlock) {
        self.fields = fields
        host = fields.first(HeaderNames.forwarded).flatMap { Forwarded(parsing: $0)?.host }
        forwardedNetwork = fields.first(HeaderNames.forwardedNetwork)
    }

    /// The source's own description, all `baggage` lines together; nil if there is none. Read when it is asked for: most
    /// clients are known by their address.
    package var baggage: Baggage? { Baggage(fields) }
}
