/// What went wrong with a request, by Envoy's flags (I 7.2), in the order in which Envoy writes them.
package struct ResponseFlags: OptionSet, Sendable, Hashable {
    package let rawValue: UInt32

    /// The set of these bits.
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// No endpoint can be used.
    package static let noHealthyUpstream = ResponseFlags(rawValue: 1 << 0)
    /// The time for the request was over.
    package static let upstreamTimeout = ResponseFlags(rawValue: 1 << 1)
    /// This side reset the connection to the endpoint.
    package static let localReset = ResponseFlags(rawValue: 1 << 2)
    /// No connection to the endpoint came about.
    package static let upstreamFailure = ResponseFlags(rawValue: 1 << 3)
    /// The connection to the endpoint ended before the response did.
    package static let upstreamClosed = ResponseFlags(rawValue: 1 << 4)
    /// A limit of the cluster is reached.
    package static let upstreamOverflow = ResponseFlags(rawValue: 1 << 5)
    /// No route is for it.
    package static let noRoute = ResponseFlags(rawValue: 1 << 6)
    /// A delay was made up.
    package static let delayInjected = ResponseFlags(rawValue: 1 << 7)
    /// An error was made up.
    package static let faultInjected = ResponseFlags(rawValue: 1 << 8)
    /// The client went away.
    package static let downstreamClosed = ResponseFlags(rawValue: 1 << 9)
    /// All retries failed, too.
    package static let retryLimit = ResponseFlags(rawValue: 1 << 10)
    /// The client sent what is no HTTP.
    package static let downstreamProtocolError = ResponseFlags(rawValue: 1 << 11)
    /// The endpoint sent what is no HTTP.
    package static let upstreamProtocolError = ResponseFlags(rawValue: 1 << 12)
    /// The route leads nowhere.
    package static let noCluster = ResponseFlags(rawValue: 1 << 13)

    /// The endpoint reset the stream.
    package static let upstreamReset = ResponseFlags(rawValue: 1 << 14)

    private static let words = [
        "UH", "UT", "LR", "UF", "UC", "UO", "NR", "DI", "FI", "DC", "URX", "DPE", "UPE", "NC", "UR",
    ]

    /// The flags as Envoy writes them, joined by commas; empty for none.
    package var text: String {
        var text = ""
        for (bit, word) in Self.words.enumerated() where rawValue & (1 << UInt32(bit)) != 0 {
            text += text.isEmpty ? word : ",\(word)"
        }
        return text
    }
}
