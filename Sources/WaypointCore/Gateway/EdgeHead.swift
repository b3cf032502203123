package import HTTPWire
import MeshPolicy

/// What a gateway does to the head of a request before it looks at it, as Istio's gateways do without trusted proxies before them: the
/// client's address and scheme are those of its connection, and what only a proxy of ours may say is taken out. Pure.
package enum EdgeHead {
    private static let forwardedFor: StaticString = "x-forwarded-for"
    private static let forwardedProto: StaticString = "x-forwarded-proto"
    private static let externalAddress: StaticString = "x-envoy-external-address"
    private static let separator = Array(", ".utf8)

    /// Fields that are added, and their bytes but for those of the hops before.
    private static let addedFields = 3
    private static let addedBytes = 192

    /// What all of `removed` begin with, so that most fields cost one comparison.
    private static let prefix: StaticString = "x-"

    /// Fields that say of a client what its connection does not, or that steer the proxy.
    private static let removed: [StaticString] =
        [
            "x-forwarded-client-cert", "x-envoy-internal", "x-envoy-decorator-operation",
            "x-envoy-downstream-service-cluster", "x-envoy-downstream-service-node", "x-envoy-retriable-status-codes",
            "x-envoy-retriable-header-names", "x-envoy-retry-on", "x-envoy-retry-grpc-on", "x-envoy-max-retries",
            "x-envoy-upstream-alt-stat-name", "x-envoy-upstream-rq-timeout-ms",
            "x-envoy-upstream-rq-per-try-timeout-ms", "x-envoy-upstream-rq-timeout-alt-response",
            "x-envoy-expected-rq-timeout-ms", "x-envoy-force-trace", "x-envoy-ip-tags", "x-envoy-original-path",
            "x-envoy-original-url", "x-envoy-hedge-on-per-try-timeout", "x-envoy-attempt-count",
            forwardedProto, externalAddress,
        ]

    /// The head of a request that `address`, without a port, has sent. An address that is not known adds nothing.
    package static func of(_ head: consuming HTTPFieldBlock, address: [UInt8]?, isHTTPS: Bool) -> HTTPFieldBlock {
        var fields = head
        var hops: [UInt8] = []
        fields.removeAll { name, value in
            guard name.starts(with: prefix) else { return false }
            guard name.equals(forwardedFor) else { return removed.contains { name.equals($0) } }
            if !hops.isEmpty { hops += separator }
            hops += value.bytes
            return true
        }
        fields.reserve(fields: addedFields, byteCount: addedBytes + hops.count)
        if let address {
            fields.append(name: externalAddress, value: address.span)
            if hops.isEmpty {
                fields.append(name: forwardedFor, value: address.span)
            } else {
                hops += separator
                hops += address
            }
        }
        if !hops.isEmpty { fields.append(name: forwardedFor, value: hops.span) }
        fields.append(name: forwardedProto, text: isHTTPS ? "https" : "http")
        return fields
    }
}
