package import TLSEngine

/// What a client's certificate says in `x-forwarded-client-cert`, in the words of Envoy. Pure.
package enum ClientCertificateText {
    /// The value: hash, subject, and names.
    package static func value(_ certificate: PeerCertificate) -> [UInt8] {
        value(
            sha256: certificate.sha256, subject: certificate.subject, uriNames: certificate.uriNames,
            dnsNames: certificate.dnsNames)
    }

    /// The same of its parts.
    package static func value(sha256: String, subject: String, uriNames: [String], dnsNames: [String]) -> [UInt8] {
        var parts = ["Hash=\(sha256)", "Subject=\"\(escaped(subject))\""]
        parts += uriNames.map { "URI=\(quoted($0))" }
        parts += dnsNames.map { "DNS=\(quoted($0))" }
        return Array(parts.joined(separator: ";").utf8)
    }

    /// Names that could be taken for other parts are put in quotes.
    private static func quoted(_ name: String) -> String {
        name.contains { ",;=\"".contains($0) } ? "\"\(escaped(name))\"" : name
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { result += "\\" }
            // A field's value is one line.
            result.unicodeScalars.append(scalar.value < 0x20 || scalar.value == 0x7f ? " " : scalar)
        }
        return result
    }
}
