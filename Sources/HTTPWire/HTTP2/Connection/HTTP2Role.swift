/// Which end of a connection this is.
package enum HTTP2Role: Hashable, Sendable {
    /// Sends the preface and opens odd streams.
    case client
    /// Awaits the preface and answers.
    case server
}
