import NodeCore
import Testing
import ZtunnelCore

/// The texts and statuses that peers, logs and dashboards know (Z 2.4, 8.1).
@Suite struct ConnectionFailureTests {
    @Test func failuresHaveTheStatusAndTextOfZtunnel() {
        let cases: [(ConnectionFailure, Int, ResponseFlag, String)] = [
            (.unexpectedMethod("GET"), 400, .none, "expected method CONNECT, got GET"),
            (.noAuthority, 400, .none, "no valid authority pseudo header"),
            (.unknownLocalWorkload, 503, .none, "failed to fetch information about local workload"),
            (.selfCall, 503, .none, "attempted recursive call to ourselves"),
            (
                .policyRejection("explicitly denied by: default/p"), 401, .deny,
                "connection closed due to policy rejection: explicitly denied by: default/p"
            ),
            (.policyChange, 401, .deny, "connection closed due to policy change"),
            (.drain, 503, .none, "connection closed due to connection drain"),
            (.httpStatus(401), 503, .connect, "http status: 401"),
            (
                .tunnelTimeout, 503, .networkPolicy,
                "connection timed out, maybe a NetworkPolicy is blocking HBONE port 15008"
            ),
        ]
        for (failure, status, flag, message) in cases {
            #expect(failure.status == status)
            #expect(failure.flag == flag)
            #expect(failure.message == message)
        }
    }

    @Test func onlyWhatAnotherEndpointMayDoBetterIsRetried() {
        #expect(ConnectionFailure.httpStatus(503).isRetryable)
        #expect(ConnectionFailure.connectFailed("x").isRetryable)
        #expect(ConnectionFailure.tls("x").isRetryable)
        #expect(!ConnectionFailure.httpStatus(401).isRetryable)
        #expect(!ConnectionFailure.identity("x").isRetryable)
        #expect(!ConnectionFailure.drain.isRetryable)
        // What passes may be retried anywhere.
        let passing: [ConnectionFailure] = [.peerAbsent("x"), .tunnelClosed("x"), .tls("x", isBroken: true)]
        #expect(passing.allSatisfy { $0.isPassing && $0.isRetryable })
        #expect(!ConnectionFailure.connectFailed("x").isPassing && !ConnectionFailure.tls("x").isPassing)
    }
}
