/// What a worker must know when a workload of the host comes.
package struct HostChange: Sendable {
    /// All workloads of the host, the new one included.
    package let workloads: HostWorkloads
    /// The worker's listening sockets that they share, if they are not open yet.
    package let sockets: InboundSockets?

    /// Makes the change.
    package init(workloads: HostWorkloads, sockets: InboundSockets?) {
        self.workloads = workloads
        self.sockets = sockets
    }
}
