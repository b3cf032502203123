package import FoundationEssentials
import MeshModel

/// Who a client certificate says is asking, in Kubernetes' form: common name and organizations.
package struct APIUser: Sendable, Hashable {
    /// The group that may do everything.
    package static let administrators = AccessRole.administrator.group

    /// The common name; empty where there is none, and then nothing is allowed.
    package var name: String
    package var groups: [String]
    /// How long the certificate is valid; nil in calls that no certificate brought.
    package var validity: Range<Date>?

    package init(name: String, groups: [String], validity: Range<Date>? = nil) {
        self.name = name
        self.groups = groups
        self.validity = validity
    }

    /// The roles that the groups give.
    var roles: [(group: String, role: AccessRole)] {
        groups.compactMap { group in AccessRole(group: group).map { (group, $0) } }
    }

    /// What to say about a certificate whose last tenth has begun; nil before.
    func expiryWarning(at now: Date) -> String? {
        guard let validity else { return nil }
        let life = validity.upperBound.timeIntervalSince(validity.lowerBound)
        guard validity.upperBound.timeIntervalSince(now) < life / 10 else { return nil }
        return
            "the client certificate of \(name) expires at \(validity.upperBound.ISO8601Format()); an administrator renews it "
            + "with `ambitctl kubeconfig --user \(name)`"
    }
}
