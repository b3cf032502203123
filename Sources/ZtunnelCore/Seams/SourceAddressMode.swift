/// Whether inbound connections reach the application from the client's own address (ENABLE_ORIG_SRC, Z 1 and 4.2).
package enum SourceAddressMode: Sendable {
    /// Preserved where the kernel allows; otherwise one warning per workload, and the node's address.
    case preserveIfPossible
    /// Preserved, or the listeners do not open.
    case require
    /// Never preserved.
    case disable
}
