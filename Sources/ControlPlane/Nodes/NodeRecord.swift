import FoundationEssentials
import MeshModel

/// One node as the store keeps it: what ambitd goes by, whatever certificate is shown.
package struct NodeRecord: Sendable, Hashable {
    /// A certificate of the node itself that is accepted.
    package struct HeldCertificate: Sendable, Hashable {
        /// Lower-case hexadecimal.
        package let serial: String
        /// Seconds since 1970.
        package let notAfter: Int64

        package init(serial: String, notAfter: Int64) {
            self.serial = serial
            self.notAfter = notAfter
        }
    }

    /// Whether the node takes part.
    package enum Standing: Sendable, Hashable {
        /// With these certificates, and no others that name it.
        case active([HeldCertificate])
        /// Cut off for good; only a new join brings the name back.
        case revoked(at: Int64)
    }

    /// What the keys of the settings begin with; the node's name follows.
    package static let keyPrefix = "node/"

    /// The node's name.
    package let name: String
    /// One membership of that name: a node that joins again gets another, and what was issued to the old one is revoked.
    package let id: String
    /// When this membership began, seconds since 1970.
    package let created: Int64
    /// How it began, for a person: which token, from where.
    package let origin: String
    package var standing: Standing

    package init(name: String, id: String, created: Int64, origin: String, standing: Standing) {
        self.name = name
        self.id = id
        self.created = created
        self.origin = origin
        self.standing = standing
    }

    /// The setting that holds it.
    package var key: String { Self.key(of: name) }

    /// The setting that holds the record of `node`.
    package static func key(of node: String) -> String { keyPrefix + node }

    /// Whether it takes part.
    package var isActive: Bool {
        if case .active = standing { true } else { false }
    }

    /// The certificates that are accepted.
    package var certificates: [HeldCertificate] {
        if case .active(let held) = standing { held } else { [] }
    }

    /// The value of the setting.
    package var stored: [UInt8] {
        var object: JSONObject = [
            "name": .string(name), "id": .string(id), "created": .int(created), "origin": .string(origin),
        ]
        switch standing {
        case .active(let held):
            object["certificates"] = .array(
                held.map { .object(["serial": .string($0.serial), "notAfter": .int($0.notAfter)]) })
        case .revoked(let time): object["revoked"] = .int(time)
        }
        return Array(JSONValue.object(object).compactText.utf8)
    }

    /// Reads a setting; nil where it is not what `stored` writes: such a node is not admitted.
    package init?(stored bytes: [UInt8]) {
        guard let value = try? JSONValue(parsing: bytes), let name = value["name"]?.asString,
            let id = value["id"]?.asString, let created = value["created"]?.asInt
        else { return nil }
        let standing: Standing
        if let time = value["revoked"]?.asInt {
            standing = .revoked(at: time)
        } else if let held = value["certificates"]?.asArray {
            standing = .active(
                held.compactMap { one in
                    guard let serial = one["serial"]?.asString, let notAfter = one["notAfter"]?.asInt else {
                        return nil
                    }
                    return HeldCertificate(serial: serial, notAfter: notAfter)
                })
        } else {
            return nil
        }
        self.init(
            name: name, id: id, created: created, origin: value["origin"]?.asString ?? "", standing: standing)
    }
}
