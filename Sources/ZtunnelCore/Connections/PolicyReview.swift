import LinuxSystem
package import MeshModel
import MeshPolicy

/// The walk over live inbound connections after a new snapshot, in portions, so that a worker with many connections goes
/// on serving (Z 4.4, with its trap closed: changes of workloads count as well as changes of policies).
///
/// Connections that agree in workload, identity, source address and target get one evaluation.
package struct PolicyReview {
    /// Slots looked at per turn of the loop.
    package static let portion = 2_048

    private struct Question: Hashable {
        let server: ObjectIdentifier
        let peer: SPIFFEIdentity?
        let source: SocketAddress
        let target: SocketAddress
    }

    private let slotCount: Int
    private var next = 0
    private var answers: [Question: String?] = [:]

    /// A review of the slots that are in use now; connections that come later are judged by the new snapshot anyway.
    package init(slotCount: Int) { self.slotCount = slotCount }

    /// Judges the next portion and calls `deny` for each connection that is no longer allowed. True when it was the last.
    package mutating func advance(
        table connection: (Int) -> ProxiedConnection?, snapshot: MeshSnapshot,
        deny: (ProxiedConnection, _ reason: String) -> Void
    ) -> Bool {
        let end = min(next + Self.portion, slotCount)
        while next < end {
            if let connection = connection(next), let reason = denial(of: connection, snapshot) {
                deny(connection, reason)
            }
            next += 1
        }
        return next >= slotCount
    }

    private mutating func denial(of connection: ProxiedConnection, _ snapshot: MeshSnapshot) -> String? {
        guard connection.direction == .inbound, let record = connection.server.recordForReview() else { return nil }
        let question = Question(
            server: ObjectIdentifier(connection.server), peer: connection.peer?.identity,
            source: connection.source.with(port: 0), target: connection.target)
        if let known = answers[question] { return known }
        var answer: String?
        if case .deny(let denial) = Admission.decide(connection, record, snapshot) { answer = denial.description }
        answers.updateValue(answer, forKey: question)
        return answer
    }
}
