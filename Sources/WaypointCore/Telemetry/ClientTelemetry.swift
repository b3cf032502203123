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

    private struct Key: Hashable {
        let endpoint: String
        let service: ServiceName?
        /// Nil for gRPC messages, which are counted before there is one.
        let outcome: RequestOutcome?
    }

    private final class LastRow {
        let endpoint: Workload?
        let called: Service?
        let outcome: RequestOutcome?
        let row: MetricRow

        init(_ endpoint: Workload?, _ called: Service?, _ outcome: RequestOutcome?, _ row: MetricRow) {
            self.endpoint = endpoint
            self.called = called
            self.outcome = outcome
            self.row = row
        }

        func isOf(_ endpoint: Workload?, _ called: Service?, _ outcome: RequestOutcome?) -> Bool {
            self.endpoint === endpoint && self.called === called && self.outcome == outcome
        }
    }

    private let telemetry: RequestTelemetry
    private let source: TelemetryEnd
    private let service: Service?
    private var rows: [Key: MetricRow] = [:]
    /// The row that was used last: most requests end like the one before.
    private var last: LastRow?
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
        let row = row(outcome, endpoint, called) {
            telemetry.requestRow(source: source, destination: $0, service: called ?? service, outcome)
        }
        telemetry.count(row, milliseconds: milliseconds, received: received, sent: sent)
    }

    /// So many gRPC messages more have passed from the client and to it.
    func passed(requests: UInt64, responses: UInt64, at endpoint: Workload?, of called: Service? = nil) {
        let row = row(nil, endpoint, called) {
            telemetry.messageRow(source: source, destination: $0, service: called ?? service)
        }
        telemetry.countMessages(row, requests: requests, responses: responses)
    }

    /// A connection that is no HTTP has reached `endpoint`.
    func connectionOpened(at endpoint: Workload, of called: Service? = nil) {
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
        row(outcome, endpoint, called) {
            telemetry.connectionRow(source: source, destination: $0, service: called ?? service, outcome)
        }
    }

    private func row(
        _ outcome: RequestOutcome?, _ endpoint: Workload?, _ called: Service?, _ make: (TelemetryEnd) -> MetricRow
    ) -> MetricRow {
        if let last = outcome == nil ? lastOfMessages : last, last.isOf(endpoint, called, outcome) { return last.row }
        let key = Key(endpoint: endpoint?.uid ?? "", service: called?.key, outcome: outcome)
        if let found = rows[key] {
            remember(LastRow(endpoint, called, outcome, found))
            return found
        }
        if rows.count >= Self.rowCapacity { release() }
        let made = make(endpoint.map { TelemetryEnd($0, principal: $0.identity.uri) } ?? TelemetryEnd())
        rows[key] = made
        return made
    }

    private func remember(_ row: LastRow) {
        if row.outcome == nil { lastOfMessages = row } else { last = row }
    }

    private func release() {
        last = nil
        lastOfMessages = nil
        for row in rows.values { telemetry.release(row) }
        rows.removeAll(keepingCapacity: true)
    }
}
