import Testing

@testable import ControlPlane

@Suite("Which connections are kept")
struct ConnectionAdmissionTests {
    private let limits = ConnectionLimits(maximumConnections: 4, maximumUnproven: 2)

    @Test("one unproven too many takes the place of the oldest")
    func evictsTheOldest() {
        var admission = ConnectionAdmission(limits)
        #expect(admission.accept(1) == .keep)
        #expect(admission.accept(2) == .keep)
        #expect(admission.accept(3) == .keepInsteadOf(1))
        #expect(admission.accept(4) == .keepInsteadOf(2))
        #expect(admission.count == 2)
        // What was given up cannot prove anything any more, and its end changes nothing.
        admission.prove(1)
        admission.close(1)
        #expect(admission.count == 2)
    }

    @Test("who has proven itself is never evicted; when all have, a new one is refused")
    func provenStay() {
        var admission = ConnectionAdmission(limits)
        for id in 1...3 as ClosedRange<UInt64> {
            #expect(admission.accept(id) == .keep)
            admission.prove(id)
        }
        #expect(admission.accept(4) == .keep)
        #expect(admission.accept(5) == .keepInsteadOf(4))
        admission.prove(5)
        #expect(admission.accept(6) == .refuse)
        #expect(admission.count == 4)
        admission.close(2)
        #expect(admission.accept(7) == .keep)
    }

    @Test("the deadline is for those that have proven nothing")
    func deadline() {
        var admission = ConnectionAdmission(limits)
        _ = (admission.accept(1), admission.accept(2))
        admission.prove(1)
        #expect(!admission.isUnproven(1))
        #expect(admission.isUnproven(2))
        admission.close(2)
        #expect(!admission.isUnproven(2))
    }

    @Test("the gate closes what is given up, and counts why")
    func gate() {
        let metrics = ControlMetrics()
        let gate = ConnectionGate("api", limits, metrics: metrics)
        nonisolated(unsafe) var closed: [Int] = []  // Written by the closures that `accept` calls on this thread only.
        for number in 1...3 { _ = gate.accept { closed.append(number) } }
        #expect(closed == [1])
        #expect(metrics.value(.connectionsClosed, label: "reason", value: "api_evicted") == 1)
        #expect(metrics.value(.connections, label: "server", value: "api") == 2)
        #expect(gate.reachesDeadline(2))
        #expect(metrics.value(.connectionsClosed, label: "reason", value: "api_proof_deadline") == 1)
        for id in [2, 3] as [UInt64] { gate.prove(id) }
        for _ in 0..<2 { _ = gate.accept {}.map(gate.prove) }
        #expect(gate.accept {} == nil)
        #expect(metrics.value(.connectionsClosed, label: "reason", value: "api_full") == 1)
        gate.closed(2)
        #expect(metrics.value(.connections, label: "server", value: "api") == 3)
    }
}
