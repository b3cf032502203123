/// The spec of an Istio Gateway: what the gateways that a selector picks listen for (I 1.3).
package struct GatewaySpec: Sendable, Hashable {
    /// Labels of the gateways that it is for; empty for all.
    package var selector: [String: String] = [:]
    /// What is listened for.
    package var servers: [Server] = []

    /// Reads the spec of a whole document. Throws every problem of its form.
    package init(_ document: JSONValue) throws(FieldProblems) {
        let findings = Findings()
        self.init(SpecDocument.reader(of: document, findings, naming: .protobuf))
        try findings.check()
    }

    init(_ reader: ObjectReader) {
        selector =
            reader.stringMap("selector", about: "Labels of the gateways that it is for, such as istio: ingressgateway.")
            ?? [:]
        servers = reader.objects("servers", about: "The ports that are listened on, and for which hosts.").map {
            Server($0)
        }
        reader.finish()
    }
}
