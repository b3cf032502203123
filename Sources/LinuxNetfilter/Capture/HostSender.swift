/// By what the kernel tells the packets of one workload of the host from all others. A process cannot choose either.
package enum HostSender: Hashable, Sendable {
    /// All processes of a control group, and of those inside it.
    case controlGroup(ControlGroupPath)
    /// All processes of a user, by number.
    case user(UInt32)
}
