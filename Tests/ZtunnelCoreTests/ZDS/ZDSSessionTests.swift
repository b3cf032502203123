import Testing
import ZtunnelCore

/// What follows from the order of the node agent's requests (Z 6.2).
@Suite struct ZDSSessionTests {
    private let reference = WorkloadReference(namespace: "shop", name: "web", serviceAccount: "web")

    @Test func theSnapshotStopsWhatItDoesNotName() throws {
        var session = ZDSSession()
        #expect(try session.take(.add(uid: "a", reference)) == .serve(uid: "a", reference))
        #expect(try session.take(.keep(uid: "b")) == .keep(uid: "b"))
        #expect(try session.take(.add(uid: "c", reference)) == .serve(uid: "c", reference))
        #expect(try session.take(.remove(uid: "c")) == .stop(uid: "c"))
        #expect(!session.hasSnapshot)
        #expect(try session.take(.snapshotSent) == .stopAllBut(["a", "b"]))
        #expect(session.hasSnapshot)
    }

    @Test func anEmptySnapshotStopsEverything() throws {
        var session = ZDSSession()
        #expect(try session.take(.snapshotSent) == .stopAllBut([]))
    }

    @Test func afterTheSnapshotChangesAreTold() throws {
        var session = ZDSSession()
        _ = try session.take(.snapshotSent)
        #expect(try session.take(.add(uid: "a", reference)) == .serve(uid: "a", reference))
        #expect(try session.take(.remove(uid: "a")) == .stop(uid: "a"))
        #expect(try session.take(.remove(uid: "nobody")) == .stop(uid: "nobody"))
    }

    @Test func keepAndSnapshotComeOnlyBefore() throws {
        for request in [ZDSRequest.keep(uid: "a"), .snapshotSent] {
            var session = ZDSSession()
            _ = try session.take(.snapshotSent)
            let problem = #expect(throws: ZDSProblem.self) { try session.take(request) }
            guard case .protocolViolation? = problem else {
                Issue.record("\(request) after the snapshot: \(String(describing: problem))")
                continue
            }
            #expect(session.hasSnapshot)
        }
    }
}
