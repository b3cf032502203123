/// Reads the `probe` of a WorkloadGroup, with all that is wrong in it.
extension ReadinessProbe {
    /// Nil, with the reason among the findings, where there is no method that can be run.
    init?(_ reader: ObjectReader) {
        let seconds = [
            ("initialDelaySeconds", "Seconds before the first probe."),
            ("timeoutSeconds", "Seconds that a probe may take."),
            ("periodSeconds", "Seconds between two probes."),
            ("successThreshold", "Successes in a row that make it healthy."),
            ("failureThreshold", "Failures in a row that make it unhealthy."),
        ]
        .map { UInt32(truncatingIfNeeded: reader.integer($0, in: 0...Int64(Int32.max), about: $1) ?? 0) }
        let methods = ["httpGet", "tcpSocket", "exec", "grpc"].filter(reader.has)
        if methods.count != 1 {
            reader.findings.add(
                FieldProblem(
                    path: reader.path, problem: methods.isEmpty ? "has no method" : "has several methods",
                    remedy: "write exactly one of httpGet, tcpSocket, grpc, exec"))
        }
        let read = [
            reader.object("httpGet", about: "Healthy when this page answers with 200 to 399.").flatMap(Self.httpGet),
            reader.object("tcpSocket", about: "Healthy when a connection opens.").flatMap(Self.tcpSocket),
            reader.object("grpc", about: "Healthy when grpc.health.v1.Health says SERVING.").flatMap(Self.grpc),
            reader.object("exec", about: "Healthy when this command, which each host must allow, ends with 0.")
                .flatMap(Self.exec),
        ]
        if reader.has("exec"), seconds[1] > Self.commandTimeLimit {
            reader.problem(
                "timeoutSeconds", value: "\(seconds[1])", "is too long for a command",
                remedy: "use at most \(Self.commandTimeLimit)")
        }
        reader.finish()
        guard let method = read.compactMap(\.self).first else { return nil }
        self.init(
            method, initialDelaySeconds: seconds[0], timeoutSeconds: seconds[1], periodSeconds: seconds[2],
            successThreshold: seconds[3], failureThreshold: seconds[4])
    }

    private static func httpGet(_ reader: ObjectReader) -> Method? {
        let path = reader.string("path", about: "The page's path.") ?? ""
        if !path.isEmpty, !path.hasPrefix("/") || path.utf8.contains(where: { $0 <= 0x20 || $0 >= 0x7f }) {
            reader.problem(
                "path", value: path, "is no path of a URL", remedy: "begin with / and write other characters as %20")
        }
        checkLength("path", path, reader)
        let port = reader.port("port", required: true, about: "The workload's port.")
        let host = host(reader)
        let scheme = reader.word("scheme", of: ["HTTP", "HTTPS"], about: "HTTP where left out.")
        let headers = reader.objects("httpHeaders", about: "Headers of the request.").map(header)
        if headers.count > headerLimit {
            reader.problem(
                "httpHeaders", "has \(headers.count) entries", remedy: "write at most \(headerLimit)")
        }
        reader.finish()
        return port.map {
            .httpGet(
                HTTPGet(
                    path: path.isEmpty ? "/" : path, port: $0, host: host, isTLS: scheme == "HTTPS", headers: headers))
        }
    }

    private static func header(_ reader: ObjectReader) -> Header {
        let header = Header(
            name: reader.string("name", required: true, about: "The header's name.") ?? "",
            value: reader.string("value", about: "The header's value.") ?? "")
        let reserved = ["connection", "content-length", "transfer-encoding", "te", "upgrade"]
        if !NameRules.isOfToken(header.name) || reserved.contains(header.name.lowercased()) {
            reader.problem(
                "name", value: header.name, "is no name of a header that a probe may send",
                remedy: "use such as X-Probe")
        }
        if header.value.utf8.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7f }) {
            reader.problem("value", "holds control characters", remedy: "write it on one line")
        }
        checkLength("value", header.value, reader)
        reader.finish()
        return header
    }

    private static func tcpSocket(_ reader: ObjectReader) -> Method? {
        let host = host(reader)
        let port = reader.port("port", required: true, about: "The workload's port.")
        reader.finish()
        return port.map { .tcpSocket(port: $0, host: host) }
    }

    private static func grpc(_ reader: ObjectReader) -> Method? {
        let service =
            reader.string("service", about: "The service that is asked about; left out, the whole server.") ?? ""
        checkLength("service", service, reader)
        let port = reader.port("port", required: true, about: "The workload's port.")
        reader.finish()
        return port.map { .grpc(port: $0, service: service) }
    }

    private static func exec(_ reader: ObjectReader) -> Method? {
        let command = reader.strings("command", about: "The program and its arguments; no shell reads them.")
        reader.finish()
        if command.first?.isEmpty ?? true {
            reader.problem(
                "command", "names no program", remedy: "write [PROGRAM, ARGUMENT, ...]", reason: .required)
            return nil
        }
        if command.count > wordLimit {
            reader.problem("command", "has \(command.count) words", remedy: "write at most \(wordLimit)")
        }
        for (index, word) in command.enumerated() {
            let place = reader.path.appending(key: "command").appending(index: index)
            if word.utf8.contains(0) {
                reader.findings.add(
                    FieldProblem(
                        path: place, problem: "holds a NUL, which no program can be given", remedy: "remove it"))
            }
            if word.utf8.count > textLimit {
                reader.findings.add(
                    FieldProblem(
                        path: place, problem: "has \(word.utf8.count) bytes", remedy: "write at most \(textLimit)"))
            }
        }
        return .exec(command: command)
    }

    /// A probe asks the workload itself; nodes are not sent to other hosts.
    private static func host(_ reader: ObjectReader) -> String {
        let host =
            reader.string("host", about: "An IP address of the workload, or localhost; left out, the workload.") ?? ""
        if !host.isEmpty, host != "localhost", IPAddress(host) == nil {
            reader.problem(
                "host", value: host, "is no IP address",
                remedy:
                    "use an address of the workload or localhost, or leave it out; write the name of a virtual host in "
                    + "a header Host")
        }
        return host
    }

    private static func checkLength(_ key: String, _ text: String, _ reader: ObjectReader) {
        guard text.utf8.count > textLimit else { return }
        reader.problem(key, "has \(text.utf8.count) bytes", remedy: "write at most \(textLimit)")
    }
}
