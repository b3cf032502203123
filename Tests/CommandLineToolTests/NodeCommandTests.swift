import MeshModel
import Testing

@testable import CommandLineTool

/// `token` and `node` against an ambitd whose pages the test gives.
@Suite struct NodeCommandTests {
    private static let web = """
        {"name":"host-2","id":"00ff","standing":"active","joined":"2026-11-20T06:00:00Z","origin":"token 0123456789ab from 10.77.0.2",
         "address":"10.77.0.2:51834","version":"0.1.0","connectedSince":"2026-11-21T06:12:30Z","lastSeen":"2026-11-21T06:59:50Z",
         "sync":[{"type":"istio.workload.Address","state":"SYNCED","resources":12,"lastChange":"2026-11-21T06:59:48Z"}],
         "grants":["shop/web","shop/db"],"nodeCertificates":[{"serial":"0abc","notAfter":"2026-12-20T06:00:00Z"}],
         "workloads":[{"namespace":"shop","name":"web-1","serviceAccount":"web","address":"10.77.12.2"}],
         "workloadCertificates":[{"identity":"spiffe://cluster.local/ns/shop/sa/web","serial":"77aa","notAfter":"2026-11-22T06:00:00Z"}]}
        """
    private static let gone = """
        {"name":"host-1","id":"00fe","standing":"revoked","revokedAt":"2026-11-21T06:30:00Z","joined":"2026-11-20T06:00:00Z",
         "origin":"ambitd issue-node","lastSeen":"2026-11-21T06:30:00Z","connectedSince":null,"grants":[],"nodeCertificates":[],
         "workloads":[],"workloadCertificates":[],"lastError":"node host-1 was revoked"}
        """

    private static func answer(_ request: FakeServer.Request) -> FakeServer.Answer {
        switch (request.method, request.path) {
        case ("GET", "/ambit/v1/nodes"): .init(body: #"{"items":[\#(gone),\#(web)]}"#)
        case ("GET", "/ambit/v1/nodes/host-2"): .init(body: web)
        case ("GET", "/ambit/v1/nodes/host-1"): .init(body: gone)
        case ("POST", "/ambit/v1/nodes/host-2/revoke"), ("DELETE", "/ambit/v1/nodes/host-2"):
            .init(body: #"{"name":"host-2","workloads":1}"#)
        case ("POST", "/ambit/v1/nodes/host-2/grants"):
            request.body == Array(#"{"allow":["shop/cart"]}"#.utf8)
                ? .init(body: #"{"name":"host-2","grants":["shop/web","shop/cart"]}"#) : .init(body: #"{"grants":[]}"#)
        case ("GET", "/ambit/v1/tokens"):
            .init(
                body: #"""
                    {"items":[{"id":"0123456789ab","node":"host-2","grants":["shop/web"],"state":"used","usedFrom":"10.77.0.2","expires":"2026-11-21T07:30:00Z"},
                    {"id":"ba9876543210","node":"host-3","grants":["*/web","shop/db"],"state":"unused","expires":"2026-11-21T08:00:00Z"}]}
                    """#)
        case ("POST", "/ambit/v1/tokens"):
            String(decoding: request.body, as: UTF8.self).contains(#""node":"host-2""#)
                ? FakeAPI.status(409, "the name host-2 is taken; make a token with --replace")
                : .init(
                    status: 201,
                    body:
                        #"{"id":"ba9876543210","node":"host-3","token":"ambit1_ba9876543210_SECRET","addresses":["10.77.0.1:15013"],"expires":"2026-11-21T08:00:00Z"}"#
                )
        case ("DELETE", "/ambit/v1/tokens/ba9876543210"): .init(body: #"{"id":"ba9876543210"}"#)
        default: FakeAPI.status(404, "there is no such thing; see what there is")
        }
    }

    private func transcript(_ lines: [String]) async throws -> Transcript {
        let server = try await FakeServer.start(tls: true, handler: Self.answer)
        let transcript = try Transcript(replacing: [(":\(server.port)", ":6443")])
        try transcript.file("kubeconfig", try Fixture.kubeconfig(port: server.port))
        for line in lines { await transcript.run(line + " --kubeconfig @kubeconfig") }
        try await server.stop()
        return transcript
    }

    @Test func tokens() async throws {
        try await transcript([
            "token create --node host-3 --allow shop/web --allow shop/db --ttl 1h",
            "token create --node host-2 --allow shop/web",
            "token create --node host-3", "token create --node host-3 --allow shop/web --ttl soon",
            "token create --node host-3 --allow shop/web -o json", "token list", "token list -o json",
            "token delete ba9876543210", "token delete 000000000000", "token delete nonsense",
        ]).matches("token")
    }

    @Test func nodes() async throws {
        try await transcript([
            "node list", "node describe host-2", "node describe host-1", "node describe host-9",
            "node describe host-2 -o yaml",
            "node allow host-2 shop/cart", "node disallow host-2 shop/web", "node revoke host-2", "node delete host-2",
            "node delete host-9",
        ]).matches("node")
    }
}
