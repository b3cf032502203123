/// The spec of a VirtualService: where the requests and connections to some hosts go (I 1.1).
///
/// Plain values as they are written; what they mean together, and what may not stand together, is for
/// ``VirtualServiceRules`` and for the routes that are compiled of them. Its parts have a file each.
package struct VirtualServiceSpec: Sendable, Hashable {
    /// The gateway that stands for every client in the mesh.
    package static let mesh = "mesh"

    /// Hosts whose traffic it is for; none in a delegate.
    package var hosts: [String] = []
    /// Gateways whose traffic it is for, `namespace/name`, `name` or `mesh`; empty for the mesh.
    package var gateways: [String] = []
    /// Namespaces that see it: names, `.` or `*`; empty for all.
    package var exportTo: [String] = []
    /// Routes of requests; the first that matches counts.
    package var http: [HTTPRoute] = []
    /// Routes of TLS connections that are not terminated, by the name that the client asks for.
    package var tls: [TLSRoute] = []
    /// Routes of other connections.
    package var tcp: [TCPRoute] = []

    /// Reads the spec of a whole document. Throws every problem of its form.
    package init(_ document: JSONValue) throws(FieldProblems) {
        let findings = Findings()
        self.init(SpecDocument.reader(of: document, findings, naming: .protobuf))
        try findings.check()
    }

    init(_ reader: ObjectReader) {
        hosts = reader.strings(
            "hosts", about: "Hosts whose traffic it is for; a short name is in this namespace. None in a delegate.")
        gateways = reader.strings(
            "gateways", about: "Gateways whose traffic it is for, and mesh for that between services; left out, mesh.")
        exportTo = reader.strings("exportTo", about: "Namespaces that see it; . for this one, * for all.")
        http = reader.objects("http", about: "Routes of requests, in order; the first that matches counts.").map {
            HTTPRoute($0)
        }
        tls = reader.objects("tls", about: "Routes of TLS connections by the name that the client asks for.").map {
            TLSRoute($0)
        }
        tcp = reader.objects("tcp", about: "Routes of connections, in order.").map { TCPRoute($0) }
        reader.finish()
    }
}
