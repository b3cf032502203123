import MeshModel
import MeshPolicy
import RE2Engine
import TLSEngine
import TestCertificates
import Testing

@testable import WaypointCore

/// A gateway's servers with certificates in files: what changes under them, and what fails alone.
@Suite struct GatewayCompilerTests {
    /// Files that the test writes.
    final class Files: @unchecked Sendable {
        var texts: [String: String] = [:]

        func read(_ path: String) throws(TLSError) -> String {
            guard let text = texts[path] else { throw TLSError(.material, "the file \(path) cannot be read: gone") }
            return text
        }
    }

    private let files = Files()
    private let authority: TestAuthority

    init() throws {
        authority = try TestAuthority()
        for name in ["a", "b"] { try write(name) }
    }

    private func write(_ name: String) throws {
        let issued = try authority.issue(.init())
        files.texts["/\(name).crt"] = issued.certificatePEM
        files.texts["/\(name).key"] = issued.keyPEM
    }

    /// A Gateway with two servers, `a` and `b`.
    private func compile(
        _ compiler: inout GatewayCompiler, more: String = ""
    ) throws -> (state: GatewayState, notes: [String]) {
        let servers = ["a", "b"].map {
            #"{"port":{"number":443,"name":"\#($0)","protocol":"HTTPS"},"hosts":["\#($0).example"],"#
                + #""tls":{"serverCertificate":"/\#($0).crt","privateKey":"/\#($0).key"\#(more)}}"#
        }
        let text =
            #"{"metadata":{"name":"front","namespace":"shop"},"spec":{"selector":{"istio":"in"},"servers":[\#(servers.joined(separator: ","))]}}"#
        let resource = Resource(kind: .gateway, object: try JSONValue(parsing: Array(text.utf8)))
        let gateway = Configured(resource, try GatewaySpec(resource.object))
        return compiler.compile(
            RoutingSources(snapshot: .empty, namespace: "edge"), gateways: [gateway], secrets: [:],
            labels: ["istio": "in"], RE2Engine())
    }

    private func context(_ state: GatewayState, _ index: Int) -> PublicTLSContext? {
        guard case .ready(let context) = state.credentials["Gateway shop/front servers[\(index)]"] else { return nil }
        return context
    }

    @Test func onlyWhatHasChangedIsMadeAgain() throws {
        var compiler = GatewayCompiler(files: ConfiguredFiles(read: files.read))
        let first = try compile(&compiler)
        #expect(first.notes.isEmpty && first.state.closedServers.isEmpty && !compiler.haveFilesChanged())
        try write("a")
        #expect(compiler.haveFilesChanged())
        let second = try compile(&compiler)
        #expect(second.notes.isEmpty && !compiler.haveFilesChanged())
        #expect(context(second.state, 0) != nil && context(second.state, 0) !== context(first.state, 0))
        #expect(context(second.state, 1) === context(first.state, 1))
    }

    @Test func aFileThatIsMissingClosesItsServerAlone() throws {
        let key = files.texts.removeValue(forKey: "/a.key")
        var compiler = GatewayCompiler(files: ConfiguredFiles(read: files.read))
        let made = try compile(&compiler)
        let reason =
            "Gateway shop/front servers[0]: the file /a.key cannot be read: gone; put it on the gateway's host, readable by root"
        #expect(made.notes == [reason + ": its TLS handshakes fail"])
        #expect(made.state.closedServers == [reason])
        #expect(context(made.state, 0) == nil && context(made.state, 1) != nil)
        files.texts["/a.key"] = key
        #expect(compiler.haveFilesChanged())
        let healed = try compile(&compiler)
        #expect(healed.notes.isEmpty && context(healed.state, 0) != nil)
        // One that goes away closes it again, as a Secret does.
        files.texts["/a.key"] = nil
        #expect(compiler.haveFilesChanged())
        #expect(context(try compile(&compiler).state, 0) == nil)
    }

    @Test func aPairInTheMiddleOfItsReplacementKeepsTheLastGoodOne() throws {
        var compiler = GatewayCompiler(files: ConfiguredFiles(read: files.read))
        let first = try compile(&compiler)
        let next = try authority.issue(.init())
        files.texts["/a.crt"] = next.certificatePEM
        let half = try compile(&compiler)
        #expect(context(half.state, 0) === context(first.state, 0))
        #expect(half.notes.count == 1 && half.notes[0].contains("the files /a.crt, /a.key cannot be used"))
        #expect(half.notes[0].hasSuffix("it goes on with what it had"))
        // However often it is looked at.
        #expect(context(try compile(&compiler).state, 0) === context(first.state, 0))
        files.texts["/a.key"] = next.keyPEM
        let whole = try compile(&compiler)
        #expect(whole.notes.isEmpty && context(whole.state, 0) !== context(first.state, 0))
        // What never was good is closed.
        files.texts["/a.crt"] = "no certificate"
        var fresh = GatewayCompiler(files: ConfiguredFiles(read: files.read))
        let none = try compile(&fresh)
        #expect(context(none.state, 0) == nil && none.state.closedServers.count == 1)
    }

    @Test func aListOfRevocationsThatChangesIsAnotherContext() throws {
        files.texts["/ca"] = authority.rootPEM
        files.texts["/crl"] = try authority.revocations(of: [])
        let more = #","mode":"MUTUAL","caCertificates":"/ca","caCrl":"/crl""#
        var compiler = GatewayCompiler(files: ConfiguredFiles(read: files.read))
        let first = try compile(&compiler, more: more)
        #expect(context(first.state, 0) != nil)
        files.texts["/crl"] = try authority.revocations(of: [try authority.issue(.init())])
        #expect(compiler.haveFilesChanged())
        #expect(context(try compile(&compiler, more: more).state, 0) !== context(first.state, 0))
        files.texts["/crl"] = nil
        #expect(context(try compile(&compiler, more: more).state, 0) == nil)
    }
}
