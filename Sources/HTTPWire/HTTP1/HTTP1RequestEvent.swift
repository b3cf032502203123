/// What a request parser reports, in the order of the wire.
package enum HTTP1RequestEvent: Hashable, Sendable {
    /// A request begins.
    case head(HTTP1RequestHead)
    /// Content, as a byte range of the input of this very call.
    case content(Range<Int>)
    /// The request is complete, with the trailers of a chunked one.
    case end(trailers: HTTPFieldBlock?)
}
