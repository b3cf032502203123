/// The spec of a PeerAuthentication: whether workloads take connections without mutual TLS (I 1.6).
package struct PeerAuthenticationSpec: Sendable, Hashable {
    /// The modes that may be written.
    static let modes = ["UNSET", "DISABLE", "PERMISSIVE", "STRICT"]

    /// Labels of the workloads that it is for; empty for the whole namespace.
    package var selector: [String: String] = [:]
    /// UNSET, DISABLE, PERMISSIVE or STRICT; nil where it is inherited.
    package var mode: String?
    /// Modes of single ports.
    package var portLevelMtls: [UInt16: String] = [:]
    /// Whether a selector is written at all.
    var hasSelector = false
    /// Whether single ports are written at all.
    var hasPortLevel = false

    /// Reads the spec of a whole document. Throws every problem found.
    package init(_ document: JSONValue) throws(FieldProblems) {
        let findings = Findings()
        self.init(SpecDocument.reader(of: document, findings))
        try findings.check()
    }

    init(_ reader: ObjectReader) {
        if let selector = reader.object("selector") {
            hasSelector = true
            self.selector = selector.stringMap("matchLabels") ?? [:]
            selector.finish()
        }
        if let mtls = reader.object("mtls") {
            mode = mtls.word("mode", of: Self.modes)
            mtls.finish()
        }
        if let ports = reader.object("portLevelMtls") {
            hasPortLevel = true
            for name in ports.names {
                guard let setting = ports.object(name) else { continue }
                let mode = setting.word("mode", of: Self.modes)
                setting.finish()
                guard let port = UInt16(name), port > 0 else {
                    ports.problem(name, value: name, "is no port", remedy: "use a number from 1 to 65535 as the key")
                    continue
                }
                portLevelMtls[port] = mode ?? "UNSET"
            }
            ports.finish()
        }
        reader.finish()
    }
}
