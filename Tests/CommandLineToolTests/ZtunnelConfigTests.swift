import Testing

@testable import CommandLineTool

/// The tables and values of `ambitctl ztunnel-config`, from a saved dump and from an admin page.
@Suite struct ZtunnelConfigTests {
    @Test func tablesAndFilters() async throws {
        let transcript = try Transcript()
        let dump = Fixture.path("config_dump.json")
        for line in [
            "ztunnel-config workloads", "zc workload --workload-namespace shop", "zc w --workload-node host-2",
            "zc workloads --address fd77:2::10 -o short", "zc services", "zc svc --service-namespace office",
            "zc service --address 240.240.0.9", "zc policies", "zc policy --policy-namespace shop", "zc certificates",
            "zc connections", "zc connections --direction inbound", "zc connections --workload-namespace office --raw",
            "zc all",
        ] {
            await transcript.run("\(line) --file \(dump)")
        }
        try transcript.matches("ztunnel-config-tables")
    }

    @Test func valuesForPrograms() async throws {
        let transcript = try Transcript()
        let dump = Fixture.path("config_dump.json")
        for line in [
            "zc policies -o yaml", "zc services --service-namespace office -o json",
            "zc connections --direction outbound --workload-namespace office -o yaml", "zc workloads -o wide",
        ] {
            await transcript.run("\(line) --file \(dump)")
        }
        try transcript.matches("ztunnel-config-values")
    }

    @Test func adminPages() async throws {
        let dump = try Fixture.text("config_dump.json")
        let server = try await FakeServer.start(tls: false) { request in
            switch (request.method, request.path) {
            case ("GET", "/config_dump"): .init(body: dump)
            case ("POST", "/logging"):
                request.query["level"] == "loud"
                    ? .init(status: 400, body: "invalid level: loud\n")
                    : .init(body: "current log level is \(request.query["level"] ?? "info")\n")
            default: .init(status: 404, body: "not found\n")
            }
        }
        let transcript = try Transcript(replacing: [(":\(server.port)", ":15000")])
        let admin = "--admin-address 127.0.0.1:\(server.port)"
        await transcript.run("zc policies \(admin)")
        await transcript.run("zc log \(admin)")
        await transcript.run("zc log --level debug \(admin)")
        await transcript.run("zc log --level loud \(admin)")
        try await server.stop()
        await transcript.run("zc policies \(admin)")
        try transcript.file("not-a-dump.json", "[]")
        await transcript.run("zc policies --file @not-a-dump.json")
        await transcript.run("zc policies --file @absent.json")
        try transcript.matches("ztunnel-config-admin")
    }
}
