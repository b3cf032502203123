import MeshModel
import MeshTelemetry
import NodeCore

/// The metrics of one client's stream: who the client is, and the rows that its requests are counted in, so that a request costs one
/// look-up in a short table.
///
/// Confined to its worker's loop. Bounded by `rowCapacity`; the shard behind it by `MetricLimits`.
final class ClientTelemetry {
    /// Rows that one stream remembers; beyond it, it begins anew.
    static let rowCapacity = 256

    /// What a row counts.
    private enum Subject: Hashable {
        /// Requests, or connections that are no HTTP, that ended like this.
        case ended(RequestOutcome)
        /// gRPC messages, which are counted before there is an outcome.
        case messages
    }

    private struct Key: Hashable {
        let endpoint: String
        let service: ServiceName?
        let subject: Subject
    }

    private final class LastRow {
        let endpoint: Workload?
        let called: Service?
        let subject: Subject
        let row: MetricRow

        init(_ endpoint: Workload?, _ called: Service?, _ subject: Subject, _ row: MetricRow) {
            self.endpoint = endpoint
            self.called = called
            self.subject = subject
            self.row = row
        }

        func isOf(_ endpoint: Workload?, _ called: Service?, _ subject: Subject) -> Bool {
            self.endpoint === endpoint && self.called === called && self.subject == subject
        }
    }

    private let telemetry: RequestTelemetry
    private let source: TelemetryEnd
    private let service: Service?
    private var rows: [Key: MetricRow] = [:]
    /// The row that was used last: most requests end like the one before.
    private var lastEnded: LastRow?
    /// Likewise of gRPC messages, which are counted beside their requests.
    private var lastOfMessages: LastRow?

    init(_ telemetry: RequestTelemetry, source: TelemetryEnd, service: Service?) {
        self.telemetry = telemetry
        self.source = source
        self.service = service
    }

    deinit { release() }

    /// A request has ended. `endpoint` is who answered; nil where nobody was asked. `called` is the service that it was sent to, where
    /// that is not the one that the stream is for.
    func ended(
        _ outcome: RequestOutcome, at endpoint: Workload?, of called: Service? = nil, milliseconds: Double,
        received: UInt64, sent: UInt64
    ) {
        let row = row(.ended(outcome), endpoint, called) {
            telemetry.requestRow(source: source, destination: $0, service: called ?? service, outcome)
        }
        telemetry.count(row, milliseconds: milliseconds, received: received, sent: sent)
    }

    /// So many gRPC messages more have passed from the client and to it.
    func passed(requests: UInt64, responses: UInt64, at endpoint: Workload?, of called: Service? = nil) {
        let row = row(.messages, endpoint, called) {
            telemetry.messageRow(source: source, destination: $0, service: called ?? service)
        }
        telemetry.countMessages(row, requests: requests, responses: responses)
    }

    /// A connection that is no HTTP has reached `endpoint`.
    func connectionOpened(at endpoint: Workload?, of called: Service? = nil) {
        telemetry.countOpened(connectionRow(RequestOutcome(), endpoint, called))
    }

    /// So many bytes more have moved on it, and it goes on.
    func connectionProgressed(at endpoint: Workload?, of called: Service? = nil, received: UInt64, sent: UInt64) {
        telemetry.countBytes(connectionRow(RequestOutcome(), endpoint, called), received: received, sent: sent)
    }

    /// It has ended; `endpoint` is nil where it reached none, and the bytes are those that were not counted before.
    func connectionEnded(
        _ outcome: RequestOutcome, at endpoint: Workload?, of called: Service? = nil, received: UInt64, sent: UInt64
    ) {
        telemetry.countClosed(connectionRow(outcome, endpoint, called), received: received, sent: sent)
    }

    private func connectionRow(_ outcome: RequestOutcome, _ endpoint: Workload?, _ called: Service?) -> MetricRow {
        row(.ended(outcome), endpoint, called) {
            telemetry.connectionRow(source: source, destination: $0, service: called ?? service, outcome)
        }
    }

    private func row(
        _ subject: Subject, _ endpoint: Workload?, _ called: Service?, _ make: (TelemetryEnd) -> MetricRow
    ) -> MetricRow {
        if let last = last(of: subject), last.isOf(endpoint, called, subject) { return last.row }
        let key = Key(endpoint: endpoint?.uid ?? "", service: called?.key, subject: subject)
        if let found = rows[key] {
            remember(LastRow(endpoint, called, subject, found))
            return found
        }
        if rows.count >= Self.rowCapacity { release() }
        let made = make(endpoint.map { TelemetryEnd($0, principal: $0.identity.uri) } ?? TelemetryEnd())
        rows[key] = made
        return made
    }

    private func last(of subject: Subject) -> LastRow? {
        switch subject {
        case .ended: lastEnded
        case .messages: lastOfMessages
        }
    }

    private func remember(_ row: LastRow) {
        switch row.subject {
        case .ended: lastEnded = row
        case .messages: lastOfMessages = row
        }
    }

    private func release() {
        lastEnded = nil
        lastOfMessages = nil
        for row in rows.values { telemetry.release(row) }
        rows.removeAll(keepingCapacity: true)
    }
}
