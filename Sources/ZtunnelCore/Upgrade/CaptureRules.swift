import LinuxNetfilter

/// Which capture rules a process loads.
package enum CaptureRules {
    /// The same for two processes that load the same rules into every workload's namespace (FNV-1a of their text).
    package static func fingerprint(_ configuration: NodeConfiguration) -> String {
        let rules = WorkloadCapture(dns: configuration.dns, excludedInterfaces: configuration.excludedInterfaces)
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in ((try? rules.commands()) ?? "").utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return String(hash, radix: 16)
    }
}
