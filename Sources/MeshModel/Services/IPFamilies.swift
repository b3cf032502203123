/// The families that a service may be reached over.
package enum IPFamilies: String, Hashable, Sendable {
    /// Those of its addresses.
    case automatic = "Automatic"
    /// IPv4 alone.
    case ipv4Only = "IPv4"
    /// IPv6 alone.
    case ipv6Only = "IPv6"
    /// Both.
    case dual = "Dual"

    /// Whether an address of the given family may be used.
    package func accepts(isIPv4: Bool) -> Bool {
        switch self {
        case .automatic, .dual: true
        case .ipv4Only: isIPv4
        case .ipv6Only: !isIPv4
        }
    }
}
