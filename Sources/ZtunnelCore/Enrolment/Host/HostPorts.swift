import LinuxNetfilter

/// The ports of ztunnel that a workload of the host is given: one for its connections, the next one for its questions.
enum HostPorts {
    /// Workloads that share one host's addresses, at most.
    static let workloadLimit = HostCapture.ports.count / 2

    /// The first pair that is neither in `taken` nor refused by `isFree`; nil when there is none left.
    static func choose(taken: Set<UInt16>, isFree: (UInt16) -> Bool) -> UInt16? {
        stride(from: HostCapture.ports.lowerBound, to: HostCapture.ports.upperBound, by: 2).first { port in
            !taken.contains(port) && isFree(port) && isFree(port + 1)
        }
    }

    /// Whether a stored number can be such a port.
    static func isValid(_ port: UInt16) -> Bool {
        HostCapture.ports.contains(port) && HostCapture.ports.contains(port + 1)
            && (port - HostCapture.ports.lowerBound).isMultiple(of: 2)
    }
}
