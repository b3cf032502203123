import MeshModel

/// The verbs of ztunnel's control socket: enrol, list, drain, withdraw.
struct NodeClient: Sendable {
    private let local: LocalClient

    init(_ local: LocalClient) {
        self.local = local
    }

    /// Asks ztunnel to enrol a workload; it answers when the workload's traffic is captured. Idempotent.
    func enrol(_ enrolment: Enrolment) async throws -> EnrolledWorkload {
        let answer = try await local.send(.post, "/v1/enrolments", body: enrolment.value.compactText)
        return EnrolledWorkload(try accepted(answer))
    }

    /// All enrolments of this host, and the problems of the files that keep some of them, as ztunnel says it.
    func enrolments() async throws -> JSONValue {
        try accepted(try await local.send(.fetch, "/v1/enrolments"))
    }

    /// All workloads that are enrolled on this host.
    func enrolled() async throws -> [EnrolledWorkload] {
        let value = try await enrolments()
        return (value["enrolments"]?.elements ?? value.elements).map(EnrolledWorkload.init)
    }

    /// Withdraws a workload; false if ztunnel does not know it.
    func withdraw(namespace: String, name: String) async throws -> Bool {
        let answer = try await local.send(.remove, "/v1/enrolments/\(namespace)/\(name)")
        if answer.status == 404 { return false }
        _ = try accepted(answer)
        return true
    }

    /// Takes a workload out of the endpoints; nil once the mesh knows, else why it may not know after `seconds`.
    /// `isStopping`: only until it starts again.
    func drain(namespace: String, name: String, seconds: Int, isStopping: Bool) async throws -> String? {
        let answer = try await local.send(
            .post, "/v1/enrolments/\(namespace)/\(name)/drain",
            query: [("timeout", String(seconds))] + (isStopping ? [("stopping", "true")] : []))
        let value = try accepted(answer)
        return value["confirmed"] == .bool(true) ? nil : value["problem"]?.asString ?? "ztunnel does not say why"
    }

    /// Takes a drained workload back; whether it is drained still. `isStopping`: only from a drain that was of that kind.
    func undrain(namespace: String, name: String, isStopping: Bool) async throws -> Bool {
        let answer = try await local.send(
            .post, "/v1/enrolments/\(namespace)/\(name)/undrain", query: isStopping ? [("stopping", "true")] : [])
        return try accepted(answer)["drained"] == .bool(true)
    }

    private func accepted(_ answer: APIAnswer) throws -> JSONValue {
        let value = answer.value
        guard (200..<300).contains(answer.status) else {
            throw CommandFailure(
                "ztunnel refused: \(value?["error"]?.asString ?? "status \(answer.status)")",
                next: value?["remedy"]?.asString ?? NodeService.seeLog)
        }
        return value ?? .null
    }
}
