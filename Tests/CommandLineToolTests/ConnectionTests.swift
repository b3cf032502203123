import Testing

@testable import CommandLineTool

/// What a person is told when ambitd cannot be reached or does not trust them.
@Suite struct ConnectionTests {
    @Test func nobodyThere() async throws {
        let transcript = try Transcript()
        try transcript.file("kubeconfig", try Fixture.kubeconfig(port: 1))
        await transcript.run("get services --kubeconfig @kubeconfig")
        await transcript.run("get services --kubeconfig @absent")
        try transcript.file(
            "unresolvable", try Fixture.kubeconfig(port: 1).replacing("127.0.0.1", with: "ambit.invalid"))
        await transcript.run("get services --kubeconfig @unresolvable")
        try transcript.matches("connection-nobody")
    }

    @Test func certificates() async throws {
        let api = FakeAPI()
        let server = try await FakeServer.start(tls: true) { api.handle($0) }
        let transcript = try Transcript(replacing: [(":\(server.port)", ":6443")])
        try transcript.file("stranger", try Fixture.kubeconfig(port: server.port, client: "stranger"))
        try transcript.file("other", try Fixture.kubeconfig(port: server.port, authority: "other-ca"))
        try transcript.file("good", try Fixture.kubeconfig(port: server.port))
        await transcript.run("get services --kubeconfig @stranger")
        await transcript.run("get services --kubeconfig @other")
        await transcript.run("get services --kubeconfig @good")
        try await server.stop()
        let plain = try await FakeServer.start(tls: false) { _ in .init(body: "hello") }
        try transcript.file("plain", try Fixture.kubeconfig(port: plain.port))
        let status = await transcript.run("get services --kubeconfig @plain")
        #expect(status == 1)
        try await plain.stop()
    }

    @Test func whereTheKubeconfigIs() async throws {
        let api = FakeAPI()
        let server = try await FakeServer.start(tls: true) { api.handle($0) }
        let text = try Fixture.kubeconfig(port: server.port)
        let first = try Transcript()
        let path = try first.file("kubeconfig", text)
        let byAmbit = try Transcript(environment: ["AMBIT_KUBECONFIG": path, "KUBECONFIG": "/nowhere"])
        #expect(await byAmbit.run("get services") == 0)
        let byList = try Transcript(environment: ["KUBECONFIG": "/nowhere:\(path)"])
        #expect(await byList.run("get services") == 0)
        let byNothing = try Transcript(environment: ["KUBECONFIG": "/nowhere"])
        #expect(await byNothing.run("get services") == 1)
        try await server.stop()
    }

    @Test(arguments: [
        ("insecure", "server: https", "insecure-skip-tls-verify: true\n    server: https", "insecure-skip-tls-verify"),
        ("plain", "https://", "http://", "https://"),
        ("context", "current-context: ambit", "current-context: x", "no context"),
        ("user", "client-key-data", "token: abc\n    client-key-data", "token"),
        ("data", "client-key-data: ", "client-key-data: '*'\n    x: ", "not base64"),
        ("yaml", "clusters:", "clusters: [", "broken YAML"),
    ])
    func unusableKubeconfigs(_ name: String, _ text: String, _ replacement: String, _ word: String) throws {
        let whole = try Fixture.kubeconfig(port: 1).replacing(text, with: replacement)
        let failure = try #require(throws: CommandFailure.self) {
            try Kubeconfig(bytes: [UInt8](whole.utf8), path: "/etc/kubeconfig", context: nil)
        }
        #expect(failure.message?.contains(word) == true, "\(failure)")
        #expect(failure.remedy != nil)
    }

    @Test func onlyARefusalByRoleAdvisesAnotherCertificate() {
        func remedy(_ message: String) -> String? {
            let answer = APIAnswer(status: 403, warnings: [], body: Array(#"{"message":"\#(message)"}"#.utf8))
            return APIRefusal(answer, request: APIRequest(.remove, "/"), server: "ambitd").failure("it").remedy
        }
        #expect(remedy(#"services \"web\" is forbidden: User \"jane\" cannot delete it"#) != nil)
        #expect(remedy("user stranger may not read /ambit/v1/status") != nil)
        #expect(remedy(#"namespace \"istio-system\" belongs to the mesh itself and cannot be deleted"#) == nil)
    }
}
