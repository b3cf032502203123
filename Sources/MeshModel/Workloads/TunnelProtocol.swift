/// How connections reach a workload.
package enum TunnelProtocol: String, Hashable, Sendable {
    /// Plain TCP.
    case tcp = "TCP"
    /// HTTP/2 CONNECT over mutual TLS on port 15008.
    case hbone = "HBONE"
}
