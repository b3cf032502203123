/// The kinds of conditions that a match may have; a positive list and its `not` form are one kind.
package struct AuthorizationFields: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// `namespaces` and `not_namespaces`.
    package static let namespaces = AuthorizationFields(rawValue: 1 << 0)
    /// `principals` and `not_principals`.
    package static let principals = AuthorizationFields(rawValue: 1 << 1)
    /// `source_ips` and `not_source_ips`.
    package static let sourceIPs = AuthorizationFields(rawValue: 1 << 2)
    /// `destination_ips` and `not_destination_ips`.
    package static let destinationIPs = AuthorizationFields(rawValue: 1 << 3)
    /// `destination_ports` and `not_destination_ports`.
    package static let destinationPorts = AuthorizationFields(rawValue: 1 << 4)
    /// `service_accounts` and `not_service_accounts`.
    package static let serviceAccounts = AuthorizationFields(rawValue: 1 << 5)
    /// `extensions`: conditions that are defined elsewhere.
    package static let extensions = AuthorizationFields(rawValue: 1 << 6)
}
