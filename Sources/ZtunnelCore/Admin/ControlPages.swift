import HTTPWire
package import MeshRuntime
import MeshTelemetry
import NodeCore

/// The control socket: enrolments by HTTP and JSON, for `ambitctl` on this host (mode 0600). Confined to the control loop.
package struct ControlPages {
    private static let prefix = "/v1/enrolments"

    private let enrolments: EnrolmentController
    private let drains: WorkloadDrain
    private let describe: (EnrolmentStatus) -> EnrolmentJSON

    /// `describe` adds what the certificate store and the control plane know of an enrolment.
    package init(
        enrolments: EnrolmentController, drains: WorkloadDrain, describe: @escaping (EnrolmentStatus) -> EnrolmentJSON
    ) {
        self.enrolments = enrolments
        self.drains = drains
        self.describe = describe
    }

    /// Answers one request.
    package func answer(_ request: HTTP1Request, _ reply: @escaping (HTTP1Response) -> Void) {
        let rest = request.path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init)
        guard request.path.hasPrefix(Self.prefix), rest.count >= 2 else { return reply(.notFound(request.path)) }
        switch (request.method, rest.count) {
        case ("GET", 2): reply(list())
        case ("POST", 2): enrol(request.content, reply)
        case ("DELETE", 4):
            guard let namespace = HTTP1Request.decode(rest[2]), let name = HTTP1Request.decode(rest[3]) else {
                return reply(.notFound(request.path))
            }
            enrolments.unenrol(namespace: namespace, name: name) { reply(response($0)) }
        case ("POST", 5): drain(rest, request, reply)
        case (_, 5): reply(.methodNotAllowed("POST"))
        case (_, 2): reply(.methodNotAllowed("GET, POST"))
        case (_, 4): reply(.methodNotAllowed("DELETE"))
        default: reply(.notFound(request.path))
        }
    }

    private func list() -> HTTP1Response {
        var writer = JSONWriter(pretty: true)
        writer.beginObject()
        writer.array("enrolments", enrolments.statuses.map(describe)) { writer, enrolment in enrolment.write(&writer) }
        writer.field("problems", enrolments.fileProblems)
        writer.endObject()
        return HTTP1Response(type: "application/json", writer.text + "\n")
    }

    /// `drain` takes a workload out of the endpoints and answers when the mesh knows, or after `timeout` seconds; `undrain`
    /// takes it back. `stopping=true` is for a workload that stops and starts.
    private func drain(_ path: [String], _ request: HTTP1Request, _ reply: @escaping (HTTP1Response) -> Void) {
        guard let namespace = HTTP1Request.decode(path[2]), let name = HTTP1Request.decode(path[3]) else {
            return reply(.notFound(path.joined(separator: "/")))
        }
        do throws(EnrolmentError) {
            let drain: WorkloadHealthState.Drain =
                request.parameter("stopping") == "true" ? .stopping : .drained
            let status = try enrolments.statusResult("\(namespace)/\(name)").get()
            switch path[4] {
            case "undrain":
                drains.undrain(status.record, drain)
                // A unit that has started again may have been found stopped last.
                enrolments.check()
                reply(response(.success(status)))
            case "drain":
                let timeout = request.parameter("timeout")
                guard let seconds = Int64(timeout ?? "5"), seconds >= 0 else {
                    throw EnrolmentError(
                        .invalid, "timeout is '\(timeout ?? "")'", remedy: "give a number of seconds, at most 10")
                }
                drains.drain(status.record, drain, wait: .seconds(seconds)) {
                    reply(Self.drained(status.record, $0))
                }
            default: reply(.notFound(path[4]))
            }
        } catch {
            reply(response(.failure(error)))
        }
    }

    private static func drained(_ record: EnrolmentRecord, _ outcome: WorkloadDrain.Outcome) -> HTTP1Response {
        var writer = JSONWriter(pretty: true)
        writer.beginObject()
        writer.field("namespace", record.namespace)
        writer.field("name", record.name)
        writer.field("drained", true)
        writer.field("confirmed", outcome == .known)
        if case .unconfirmed(let reason) = outcome { writer.field("problem", reason) }
        writer.endObject()
        return HTTP1Response(type: "application/json", writer.text + "\n")
    }

    private func enrol(_ content: [UInt8], _ reply: @escaping (HTTP1Response) -> Void) {
        do throws(EnrolmentError) {
            guard content.count <= EnrolmentRecord.requestLimit else {
                throw EnrolmentError(
                    .invalid, "the enrolment has \(content.count) bytes",
                    remedy: "send at most \(EnrolmentRecord.requestLimit) bytes")
            }
            enrolments.enrol(try EnrolmentRecord(json: content)) { reply(response($0)) }
        } catch {
            reply(response(.failure(error)))
        }
    }

    private func response(_ result: Result<EnrolmentStatus, EnrolmentError>) -> HTTP1Response {
        var writer = JSONWriter(pretty: true)
        switch result {
        case .success(let status):
            describe(status).write(&writer)
            return HTTP1Response(type: "application/json", writer.text + "\n")
        case .failure(let error):
            writer.beginObject()
            writer.field("error", error.problem)
            writer.field("remedy", error.remedy)
            writer.endObject()
            return HTTP1Response(status: error.code.rawValue, type: "application/json", writer.text + "\n")
        }
    }
}
