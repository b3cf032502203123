import NodeCore
import Testing
import ZtunnelCore

@Suite struct TakeoverReadinessTests {
    typealias Workload = TakeoverReadiness.Workload

    private static let served = Workload(uid: "a/b", progress: .readied, hasCertificate: true)

    private func verdict(_ workloads: [Workload], hasSnapshot: Bool = true) -> TakeoverVerdict {
        TakeoverReadiness(hasSnapshot: hasSnapshot, workloads: workloads).verdict
    }

    @Test func itIsReadyWithEverythingThatIsServed() {
        #expect(verdict([]) == .ready)
        #expect(verdict([Self.served]) == .ready)
        // What left the host meanwhile is not waited for.
        #expect(verdict([Self.served, Workload(uid: "a/c", progress: .gone, hasCertificate: false)]) == .ready)
    }

    @Test func itWaitsForWhatIsUnderWay() {
        let busy = Workload(uid: "a/c", progress: .underWay, hasCertificate: true)
        let bare = Workload(uid: "a/d", progress: .readied, hasCertificate: false)
        #expect(verdict([Self.served, busy, bare]) == .wait("the workload a/c"))
        #expect(verdict([Self.served, bare]) == .wait("the certificate of the workload a/d"))
    }

    @Test func aFailureIsToldAtOnce() {
        let busy = Workload(uid: "a/c", progress: .underWay, hasCertificate: true)
        let broken = Workload(uid: "a/d", progress: .failed("no room"), hasCertificate: true)
        guard case .fail(let reason) = verdict([busy, broken]) else {
            Issue.record("a workload that cannot be served is no failure")
            return
        }
        #expect(reason.contains("a/d") && reason.contains("no room"))
        guard case .fail = verdict([Self.served], hasSnapshot: false) else {
            Issue.record("a mesh that is not known is no failure")
            return
        }
    }
}
