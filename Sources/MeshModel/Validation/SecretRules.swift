/// The rules of a Secret. No value is ever part of what is said about it.
enum SecretRules {
    static func check(_ reader: ObjectReader) {
        let spec = SecretSpec(reader)
        let findings = reader.findings
        let data = FieldPath("data")
        let size = spec.data.reduce(0) { $0 + $1.value.count }
        if size > SecretSpec.largest {
            findings.add(data, "\(size)", "bytes are too many", "at most \(SecretSpec.largest) are accepted")
        }
        for name in spec.data.keys.sorted() {
            if let problem = NameRules.key(name), name != "" {
                findings.add(data.appending(key: name), name, "as a name \(problem)", "use a name such as tls.crt")
            }
        }
        checkPair(spec, at: data, findings)
        for (names, labels, what) in [
            (SecretSpec.certificateKeys, ["CERTIFICATE"], "certificate"),
            (SecretSpec.rootKeys, ["CERTIFICATE"], "certificate"),
            (SecretSpec.revocationKeys, ["X509 CRL"], "list of revocations"),
            (SecretSpec.privateKeyKeys, ["PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY"], "private key"),
        ] {
            for name in names {
                guard let value = spec.data[name], !value.isEmpty, !isPEM(value, labels) else { continue }
                findings.add(
                    data.appending(key: name), "holds no \(what) in PEM", "begin it with -----BEGIN \(labels[0])-----")
            }
        }
        let known =
            SecretSpec.certificateKeys + SecretSpec.privateKeyKeys + SecretSpec.rootKeys + SecretSpec.revocationKeys
        for name in spec.data.keys.sorted() where !known.contains(name) {
            findings.warn(
                data.appending(key: name), "is stored, but gateways read \(known.joined(separator: ", ")) only")
        }
    }

    /// A certificate goes with its key.
    private static func checkPair(_ spec: SecretSpec, at path: FieldPath, _ findings: Findings) {
        if spec.kind == .tls {
            for name in ["tls.crt", "tls.key"] where spec.data[name]?.isEmpty != false {
                findings.add(
                    path.appending(key: name), "is required with type kubernetes.io/tls", "give the file in base64",
                    .required)
            }
        } else if (spec.certificate == nil) != (spec.privateKey == nil) {
            let missing = spec.certificate == nil ? "tls.crt" : "tls.key"
            findings.add(
                path.appending(key: missing), "is missing next to its pair", "give both the certificate and its key",
                .required)
        }
    }

    private static func isPEM(_ value: [UInt8], _ labels: [String]) -> Bool {
        let text = String(decoding: value, as: UTF8.self)
        return labels.contains { text.contains("-----BEGIN \($0)-----") && text.contains("-----END \($0)-----") }
    }
}
