/// The response codes that are made or passed on here (RFC 1035 section 4.1.1).
package enum DNSResponseCode: UInt8, Sendable, Hashable {
    /// There is an answer, perhaps an empty one.
    case noError = 0
    /// The question cannot be read.
    case formatError = 1
    /// It could be read but not answered.
    case serverFailure = 2
    /// There is no such name.
    case nameError = 3
    /// Not a query.
    case notImplemented = 4
    /// The server does not want to.
    case refused = 5
}
