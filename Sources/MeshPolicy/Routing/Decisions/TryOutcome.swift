/// How one try of a request at one endpoint ended, as far as retries and outlier detection must know.
package enum TryOutcome: Sendable, Hashable {
    /// The endpoint answered: with this status, and the gRPC status if its head has one.
    case response(status: Int, grpcStatus: Int?, isRateLimited: Bool = false)
    /// No connection came about, in time or at all. Response 503, flag UF.
    case connectFailure
    /// The endpoint refused the stream before it looked at it (HTTP/2 REFUSED_STREAM). 503, UR.
    case refused
    /// The connection or stream ended without an answer; `hasBegun` where some of the request had been sent. 503, UC or UR.
    case reset(hasBegun: Bool)
    /// The time of the try was over. 504, UT.
    case timeout
    /// A limit of ours was reached: nothing was sent. 503, UO.
    case overflow
}
