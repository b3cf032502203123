import HTTPWire

/// Why a message cannot be sent to an endpoint in the version of HTTP that is spoken with it. Nothing of it has left.
struct UpstreamWriteError: Error, CustomStringConvertible {
    let description: String

    init(_ reason: String) { description = reason }

    init(_ error: HTTP1WriteError) { description = "\(error)" }
}
