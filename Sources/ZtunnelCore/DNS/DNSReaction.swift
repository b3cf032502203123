package import MeshModel

/// What becomes of a client's message.
package enum DNSReaction: Sendable, Equatable {
    /// This is sent back. The question is nil where it could not be read; the service where none was looked up.
    case reply([UInt8], question: DNSQuery?, service: Service?, addresses: [IPAddress])
    /// The mesh does not know the name: the client's message goes to the resolvers as it is.
    case forward(DNSQuery)
    /// Nothing is sent: the message is not a question.
    case ignore
}
