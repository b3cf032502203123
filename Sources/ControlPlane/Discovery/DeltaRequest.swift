/// A `DeltaDiscoveryRequest` of one type, free of the wire.
package struct DeltaRequest: Sendable, Equatable {
    /// Names that the client subscribes to; `*` is all.
    package var subscribe: [String] = []
    /// Names that it no longer wants.
    package var unsubscribe: [String] = []
    /// On the first request of a stream: what the client already holds, name to version.
    package var initialVersions: [String: String] = [:]
    /// The response that this request answers, empty where it answers none.
    package var responseNonce = ""
    /// Why the client refuses that response; nil is an acknowledgement.
    package var rejection: String?

    /// An empty request: on a fresh stream it subscribes to everything.
    package init() {}
}
