/// The address families for which capture is set up.
package enum AddressFamily: UInt8, CaseIterable, Sendable {
    /// AF_INET
    case ipv4 = 2
    /// AF_INET6
    case ipv6 = 10
}
