/// How a question came.
package enum DNSTransport: String, Sendable, Hashable {
    /// In a datagram: the answer must fit what the client says it takes.
    case udp
    /// On a connection.
    case tcp
}
