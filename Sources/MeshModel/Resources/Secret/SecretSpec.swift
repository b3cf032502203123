/// A Secret with certificates, as gateways and TLS origination name it by `credentialName` (I 1.3).
///
/// Its values are never part of a problem, a warning or a description: whoever reads logs must not learn a key.
package struct SecretSpec: Sendable, Hashable {
    /// What is in it by convention.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case tls = "kubernetes.io/tls"
        case opaque = "Opaque"
        /// Opaque, as `kubectl create secret generic` has it.
        case generic
    }

    /// The names that a certificate chain, its key, roots, and lists of revocations may have: Kubernetes' first, then Istio's own.
    package static let certificateKeys = ["tls.crt", "cert"]
    package static let privateKeyKeys = ["tls.key", "key"]
    package static let rootKeys = ["ca.crt", "cacert"]
    package static let revocationKeys = ["ca.crl", "crl"]
    /// What a Secret of roots alone has after the name of the one with the certificate.
    package static let rootsSuffix = "-cacert"
    /// All bytes of a Secret together, 1 MiB as in Kubernetes.
    package static let largest = 1 << 20

    package var kind = Kind.opaque
    /// The certificate chain in PEM; nil for none.
    package var certificate: [UInt8]? { Self.first(of: Self.certificateKeys, in: data) }
    /// Its private key in PEM; nil for none.
    package var privateKey: [UInt8]? { Self.first(of: Self.privateKeyKeys, in: data) }
    /// The roots that the other side is checked by, in PEM; nil for none.
    package var roots: [UInt8]? { Self.first(of: Self.rootKeys, in: data) }
    /// The lists of certificates that are revoked, in PEM, beside the roots; nil for none.
    package var revocations: [UInt8]? { Self.first(of: Self.revocationKeys, in: data) }
    /// Everything by its name, decoded.
    package var data: [String: [UInt8]] = [:]

    /// Reads a whole document: a Secret has no `spec`. Throws every problem of its form.
    package init(_ document: JSONValue) throws(FieldProblems) {
        let findings = Findings()
        self.init(ObjectReader(document.asObject ?? JSONObject(), path: .root, findings: findings))
        try findings.check()
    }

    /// Reads `type`, `data` and `stringData`; other members are the caller's.
    init(_ reader: ObjectReader) {
        kind =
            reader.choice(
                "type", Kind.self, about: "kubernetes.io/tls or Opaque; Opaque where left out, and it never changes.")
            ?? .opaque
        for (name, value) in Self.texts("data", "Values by name, in base64.", reader) {
            guard let bytes = Base64Text.bytes(value) else {
                reader.findings.add(
                    FieldProblem(
                        path: FieldPath("data").appending(key: name), problem: "is no base64",
                        remedy: "encode it with base64 -w0, or write it as it is under stringData"))
                continue
            }
            data[name] = bytes
        }
        // As in Kubernetes, it goes over data of the same name.
        for (name, value) in Self.texts("stringData", "Values by name, as they are; stored as data.", reader) {
            data[name] = Array(value.utf8)
        }
        _ = reader.bool("immutable", about: "Accepted; whoever may write the Secret may still change it.")
    }

    /// The document with `stringData` moved into `data`, as the API stores and shows it.
    package static func normalized(_ document: JSONValue) -> JSONValue {
        guard let texts = document["stringData"]?.asObject else { return document }
        var document = document
        var data = document["data"]?.asObject ?? JSONObject()
        for (name, value) in texts.list {
            if let text = value.asString { data[name] = .string(Base64Text.text(Array(text.utf8))) }
        }
        document["data"] = .object(data)
        document["stringData"] = nil
        return document
    }

    private static func first(of names: [String], in data: [String: [UInt8]]) -> [UInt8]? {
        names.lazy.compactMap { data[$0] }.first
    }

    /// The members of an object of texts, without ever repeating a value in a problem.
    private static func texts(_ key: String, _ about: String, _ reader: ObjectReader) -> [(String, String)] {
        reader.describe(key, .map(FieldSchema(.string)), about: about)
        guard let value = reader.value(key) else { return [] }
        guard let members = value.asObject?.list else {
            reader.problem(key, "is \(value.typeName), not an object", remedy: "write an object of texts")
            return []
        }
        var result: [(String, String)] = []
        for (name, member) in members {
            if let text = member.asString {
                result.append((name, text))
            } else {
                reader.findings.add(
                    FieldProblem(
                        path: FieldPath(key).appending(key: name), problem: "is \(member.typeName), not a string",
                        remedy: "put it in quotes"))
            }
        }
        return result
    }
}
