/// How a workload, or the whole data path, stops.
package enum StopMode: Sendable {
    /// Listeners close, inbound tunnels get GOAWAY, connections may end by themselves until the deadline (Z 2.9).
    case graceful(deadline: Duration)
    /// Everything is cut now; tunnels still get a GOAWAY, so that peers need not wait for their PING to fail.
    case immediate
}
