/// Every bound of the discovery server, with its default.
package struct DiscoveryLimits: Sendable {
    /// Names that one client may subscribe to per type. Default 100,000; past it the stream ends with RESOURCE_EXHAUSTED.
    package var subscribedNames = 100_000
    /// The longest resource name in a subscription, in bytes. Default 1,024.
    package var nameLength = 1_024
    /// Payload bytes of one response; what is left follows after the acknowledgement. Default 64 MiB.
    package var responseBytes = 64 << 20
    /// Streams that are open at the same time, over all nodes. Default 10,000; a further one gets RESOURCE_EXHAUSTED.
    package var streams = 10_000
    /// The longest request message, in bytes. Default 32 MiB: a reconnecting node lists every version that it holds.
    package var requestBytes = 32 << 20
    /// Snapshots whose changed names are remembered; a client that is further behind is compared in full. Default 64.
    package var changeHistory = 64
    /// Changes are compiled after this long without a further one. Default 50 ms.
    package var quietPeriod: Duration = .milliseconds(50)
    /// Changes are compiled at the latest this long after the first one. Default 500 ms.
    package var longestDelay: Duration = .milliseconds(500)
    /// HTTP/2 PING after this long without a frame from the client. Default 30 s.
    package var keepaliveTime: Duration = .seconds(30)
    /// The connection is closed when a PING is not answered for this long. Default 10 s.
    package var keepaliveTimeout: Duration = .seconds(10)
    /// Certificates that are signed at the same time per node; a further request gets RESOURCE_EXHAUSTED. Default 64.
    package var signingsPerNode = 64
    /// Workloads that one node may report. Default 1,000.
    package var workloadsPerNode = 1_000

    /// The defaults.
    package init() {}
}
