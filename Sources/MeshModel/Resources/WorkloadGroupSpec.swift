/// The spec of a WorkloadGroup: what workloads of one kind have in common (I 1.4).
package struct WorkloadGroupSpec: Sendable, Hashable {
    /// Labels of its workloads' metadata.
    package var labels: [String: String] = [:]
    /// Annotations of its workloads' metadata.
    package var annotations: [String: String] = [:]
    /// The entry of each of its workloads, without an address.
    package var template = WorkloadEntrySpec(address: "")
    /// Whether a probe is written.
    package var hasProbe = false

    /// Reads the spec of a whole document. Throws every problem found.
    package init(_ document: JSONValue) throws(FieldProblems) {
        let findings = Findings()
        self.init(SpecDocument.reader(of: document, findings))
        try findings.check()
    }

    init(_ reader: ObjectReader) {
        if let metadata = reader.object("metadata") {
            labels = metadata.stringMap("labels") ?? [:]
            annotations = metadata.stringMap("annotations") ?? [:]
            metadata.finish()
        }
        if let template = reader.object("template", required: true) { self.template = WorkloadEntrySpec(template) }
        if let probe = reader.object("probe") {
            hasProbe = true
            Self.read(probe: probe)
        }
        reader.finish()
    }

    private static func read(probe: ObjectReader) {
        for key in ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"] {
            _ = probe.integer(key, in: 0...Int64(Int32.max))
        }
        let methods = ["httpGet", "tcpSocket", "exec", "grpc"].filter(probe.has)
        if methods.count != 1 {
            probe.findings.add(
                FieldProblem(
                    path: probe.path, problem: methods.isEmpty ? "has no method" : "has several methods",
                    remedy: "write exactly one of httpGet, tcpSocket, exec, grpc"))
        }
        if let get = probe.object("httpGet") {
            _ = (get.string("path"), get.port("port", required: true), get.string("host"))
            _ = get.word("scheme", of: ["HTTP", "HTTPS"])
            for header in get.objects("httpHeaders") {
                _ = (header.string("name", required: true), header.string("value"))
                header.finish()
            }
            get.finish()
        }
        if let socket = probe.object("tcpSocket") {
            _ = (socket.string("host"), socket.port("port", required: true))
            socket.finish()
        }
        if let exec = probe.object("exec") {
            if exec.strings("command").isEmpty {
                exec.problem("command", "is required", remedy: "give the program and its arguments", reason: .required)
            }
            exec.finish()
        }
        if let grpc = probe.object("grpc") {
            _ = (grpc.port("port"), grpc.string("service"))
            grpc.finish()
        }
        probe.finish()
    }
}
