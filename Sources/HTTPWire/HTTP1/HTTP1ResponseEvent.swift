/// What a response parser reports, in the order of the wire.
package enum HTTP1ResponseEvent: Hashable, Sendable {
    /// A 1xx or the final response begins; content and end follow only a final one.
    case head(HTTP1ResponseHead)
    /// Content, as a byte range of the input of this very call.
    case content(Range<Int>)
    /// The response is complete, with the trailers of a chunked one.
    case end(trailers: HTTPFieldBlock?)
}
