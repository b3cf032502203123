/// Whether plaintext is taken (I 1.6, 2.19).
package struct PeerAuthenticationSpec: Hashable, Sendable {
    package var selector: [String: String]
    /// `UNSET`, `DISABLE`, `PERMISSIVE` or `STRICT`; nil inherits.
    package var mode: String?
    /// Modes of single workload ports.
    package var portLevelMtls: [UInt16: String]

    /// Reads a whole PeerAuthentication document.
    package init(_ object: JSONValue) throws(SpecError) {
        let spec = object["spec"]
        selector = spec?["selector"]?["matchLabels"]?.stringMap ?? [:]
        mode = spec?["mtls"]?["mode"]?.asString
        var ports: [UInt16: String] = [:]
        for (key, value) in spec?["portLevelMtls"]?.asObject?.list ?? [] {
            guard let port = UInt16(key), port > 0 else {
                throw SpecError(path: FieldPath("spec", "portLevelMtls", key), problem: "\(key) is no port from 1 to 65535")
            }
            ports[port] = value["mode"]?.asString
        }
        portLevelMtls = ports
    }
}
