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
        if let metadata = reader.object("metadata", about: "Metadata of its workloads.") {
            labels = metadata.stringMap("labels", about: "Labels of its workloads.") ?? [:]
            annotations = metadata.stringMap("annotations", about: "Annotations of its workloads.") ?? [:]
            metadata.finish()
        }
        if let template = reader.object(
            "template", required: true, about: "The entry of each of its workloads, without an address.")
        {
            self.template = WorkloadEntrySpec(template)
        }
        if let probe = reader.object("probe", about: "How it is found out whether a workload is healthy.") {
            hasProbe = true
            Self.read(probe: probe)
        }
        reader.finish()
    }

    private static func read(probe: ObjectReader) {
        for (key, about) in [
            ("initialDelaySeconds", "Seconds before the first probe."),
            ("timeoutSeconds", "Seconds that a probe may take."),
            ("periodSeconds", "Seconds between two probes."),
            ("successThreshold", "Successes in a row that make it healthy."),
            ("failureThreshold", "Failures in a row that make it unhealthy."),
        ] {
            _ = probe.integer(key, in: 0...Int64(Int32.max), about: about)
        }
        let methods = ["httpGet", "tcpSocket", "exec", "grpc"].filter(probe.has)
        if methods.count != 1 {
            probe.findings.add(
                FieldProblem(
                    path: probe.path, problem: methods.isEmpty ? "has no method" : "has several methods",
                    remedy: "write exactly one of httpGet, tcpSocket, exec, grpc"))
        }
        if let get = probe.object("httpGet", about: "Healthy when this page answers with 200 to 399.") {
            _ = (
                get.string("path", about: "The page's path."),
                get.port("port", required: true, about: "The workload's port."),
                get.string("host", about: "The host to connect to; left out, the workload.")
            )
            _ = get.word("scheme", of: ["HTTP", "HTTPS"], about: "HTTP where left out.")
            for header in get.objects("httpHeaders", about: "Headers of the request.") {
                _ = (
                    header.string("name", required: true, about: "The header's name."),
                    header.string("value", about: "The header's value.")
                )
                header.finish()
            }
            get.finish()
        }
        if let socket = probe.object("tcpSocket", about: "Healthy when a connection opens.") {
            _ = (
                socket.string("host", about: "The host to connect to; left out, the workload."),
                socket.port("port", required: true, about: "The workload's port.")
            )
            socket.finish()
        }
        if let exec = probe.object("exec", about: "Healthy when this program ends with status 0.") {
            if exec.strings("command", about: "The program and its arguments; no shell is used.").isEmpty {
                exec.problem("command", "is required", remedy: "give the program and its arguments", reason: .required)
            }
            exec.finish()
        }
        if let grpc = probe.object("grpc", about: "Healthy when grpc.health.v1.Health says SERVING.") {
            _ = (
                grpc.port("port", about: "The workload's port."),
                grpc.string("service", about: "The service that is asked about; left out, the whole server.")
            )
            grpc.finish()
        }
        probe.finish()
    }
}
