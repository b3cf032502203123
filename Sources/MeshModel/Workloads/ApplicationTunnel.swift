/// How a workload wants to be told about the connections that its ztunnel hands to it (Z 2.8).
package struct ApplicationTunnel: Hashable, Sendable {
    /// What precedes the bytes of the connection.
    package enum Preamble: String, Hashable, Sendable {
        /// Nothing.
        case none = "NONE"
        /// A PROXY version 2 header.
        case proxy = "PROXY"
    }

    /// What precedes the bytes of the connection.
    package let preamble: Preamble
    /// The port that takes them instead of the one addressed.
    package let port: UInt16?

    /// A tunnel to `port`, or to the port addressed.
    package init(preamble: Preamble, port: UInt16? = nil) {
        self.preamble = preamble
        self.port = port
    }
}
