/// Who a client certificate says is asking, in Kubernetes' form: common name and organizations.
package struct APIUser: Sendable, Hashable {
    /// The group that may do everything.
    package static let administrators = "ambit:admins"

    package var name: String
    package var groups: [String]

    package init(name: String, groups: [String]) {
        self.name = name
        self.groups = groups
    }

    /// Whether this user may use the API. Roles for less than everything come with kubeconfigs of their own.
    package var isAdministrator: Bool { groups.contains(Self.administrators) }
}
