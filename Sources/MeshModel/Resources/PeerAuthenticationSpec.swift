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

    /// STRICT for the workloads with these labels; for the whole namespace without.
    package static func strict(selecting selector: [String: String]) -> PeerAuthenticationSpec {
        var spec = PeerAuthenticationSpec()
        spec.selector = selector
        spec.mode = "STRICT"
        return spec
    }

    private init() {}

    init(_ reader: ObjectReader) {
        if let selector = reader.object(
            "selector", about: "Which workloads of the namespace it is for; all where left out.")
        {
            hasSelector = true
            self.selector = selector.stringMap("matchLabels", about: "Labels that all must be there.") ?? [:]
            selector.finish(remedy: "write labels below matchLabels")
        }
        if let mtls = reader.object(
            "mtls", short: .text("mode"), about: "Whether connections without mutual TLS are taken.")
        {
            mode = mtls.word(
                "mode", of: Self.modes,
                about: "STRICT takes only mutual TLS; PERMISSIVE, and DISABLE, also plaintext; UNSET inherits.")
            mtls.finish()
        }
        if let ports = reader.object(
            "portLevelMtls", isMap: true, about: "Modes of single ports of the workloads, by number.")
        {
            hasPortLevel = true
            for name in ports.names {
                guard let setting = ports.object(name, short: .text("mode")) else { continue }
                let mode = setting.word("mode", of: Self.modes, about: "The mode of this port.")
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
