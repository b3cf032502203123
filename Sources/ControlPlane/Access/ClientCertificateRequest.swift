import MeshModel
import SwiftASN1
import X509

/// A request for a user's client certificate: a signing request whose subject is the user, in Kubernetes' form.
struct ClientCertificateRequest {
    /// The longest name of a user, in bytes: what a common name holds (RFC 5280 ub-common-name).
    static let longestName = 64
    /// The most groups of one user.
    static let mostGroups = 32

    let user: String
    let groups: [String]

    /// Reads the subject of a checked signing request. Throws what is wrong with it, and what would be right.
    init(subject: DistinguishedName) throws(AuthorityError) {
        var names: [String] = []
        var groups: [String] = []
        for attribute in subject.flatMap({ Array($0) }) {
            if attribute.type == .RDNAttributeType.commonName {
                names.append(attribute.value.description)
            } else if attribute.type == .RDNAttributeType.organizationName {
                groups.append(attribute.value.description)
            } else {
                throw AuthorityError(
                    .refuseName, "the subject may have a common name (the user) and organizations (the groups) only")
            }
        }
        guard names.count == 1, let name = names.first, Self.isUser(name) else {
            throw AuthorityError(
                .refuseName,
                "the subject must have one common name, the user: 1 to \(Self.longestName) of letters, digits and . _ @ -, "
                    + "beginning with a letter or digit")
        }
        guard !groups.isEmpty, groups.count <= Self.mostGroups else {
            throw AuthorityError(
                .refuseName,
                "the subject must have 1 to \(Self.mostGroups) organizations, each one a role: "
                    + AccessRole.groupForms)
        }
        if let unknown = groups.first(where: { AccessRole(group: $0) == nil }) {
            throw AuthorityError(
                .refuseName, "the organization \"\(unknown)\" is no role; use \(AccessRole.groupForms)")
        }
        user = name
        self.groups = groups
    }

    /// Whether a name can be a user's: no `:` , so that nobody is taken for a part of the system.
    private static func isUser(_ name: String) -> Bool {
        guard (1...longestName).contains(name.utf8.count), let first = name.utf8.first else { return false }
        func isPlain(_ byte: UInt8) -> Bool {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        return isPlain(first) && name.utf8.allSatisfy { isPlain($0) || [0x2E, 0x5F, 0x40, 0x2D].contains($0) }
    }
}
