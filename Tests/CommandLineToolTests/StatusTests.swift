import MeshModel
import Testing

@testable import CommandLineTool

/// `status` and `version` against an ambitd whose pages the test gives.
@Suite struct StatusTests {
    private static let page = """
        {"version":"0.1.0","trustDomain":"cluster.local","authority":{"notAfter":"2036-11-20T00:00:00Z"},"nodes":[
        {"name":"host-2","address":"10.77.0.2:51834","version":"0.1.0","connectedSince":"2026-11-21T06:12:30Z",
         "sync":[{"type":"istio.workload.Address","state":"SYNCED","resources":12,"lastChange":"2026-11-21T06:59:48Z"},
                 {"type":"istio.security.Authorization","state":"REJECTED","resources":2,"lastChange":"2026-11-21T06:59:48Z",
                  "lastError":"shop/web-clients: unknown action 9"}],
         "certificateExpires":"2026-11-28T06:00:00Z",
         "certificates":[{"identity":"spiffe://cluster.local/ns/shop/sa/web","notAfter":"2026-11-22T06:00:00Z"},
                         {"identity":"spiffe://cluster.local/ns/shop/sa/orders-db","notAfter":"2026-11-21T06:59:59Z"}]},
        {"name":"host-1","connectedSince":null,"sync":[],"certificateExpires":"2026-11-21T07:30:00Z","certificates":[],
         "lastError":"asked for spiffe://cluster.local/ns/shop/sa/web, which it was not granted"}],
        "warnings":[{"code":"waypointMissing","kind":"Namespace","namespace":"","name":"shop",
         "message":"the waypoint shop/gate does not exist"}]}
        """

    @Test func nodes() async throws {
        let transcript = try await pages([
            "/ambit/v1/status": .init(body: Self.page)
        ]) { transcript in
            await transcript.run("status --kubeconfig @kubeconfig")
            await transcript.run("status host-1 --kubeconfig @kubeconfig")
            await transcript.run("status host-9 --kubeconfig @kubeconfig")
            await transcript.run("status host-1 -o yaml --kubeconfig @kubeconfig")
            await transcript.run("version --kubeconfig @kubeconfig")
            await transcript.run("version --client")
            await transcript.run("version -o json --kubeconfig @kubeconfig")
        }
        try transcript.matches("status")
    }

    @Test func nobodyYet() async throws {
        let transcript = try await pages([
            "/ambit/v1/status": .init(body: #"{"version":"0.1.0","trustDomain":"cluster.local","nodes":[]}"#)
        ]) { transcript in
            await transcript.run("status --kubeconfig @kubeconfig")
        }
        try transcript.matches("status-empty")
    }

    @Test func refused() async throws {
        let transcript = try await pages([
            "/ambit/v1/status": FakeAPI.status(403, "user stranger may not read /ambit/v1/status")
        ]) { transcript in
            await transcript.run("status --kubeconfig @kubeconfig")
            await transcript.run("version --kubeconfig @kubeconfig")
        }
        try transcript.matches("status-refused")
    }

    private func pages(
        _ pages: [String: FakeServer.Answer], _ body: (Transcript) async throws -> Void
    ) async throws -> Transcript {
        let server = try await FakeServer.start(tls: true) { pages[$0.path] ?? FakeAPI.status(404, "not found") }
        let transcript = try Transcript(replacing: [
            (":\(server.port)", ":6443"), ("ambitctl: \(Release.version)", "ambitctl: VERSION"),
            (#""ambitctl": "\#(Release.version)""#, #""ambitctl": "VERSION""#),
        ])
        try transcript.file("kubeconfig", try Fixture.kubeconfig(port: server.port))
        try await body(transcript)
        try await server.stop()
        return transcript
    }
}
