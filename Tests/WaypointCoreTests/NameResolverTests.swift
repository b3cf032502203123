import LinuxSystem
import MeshRuntime
import NameResolution
import Testing

/// c-ares on our loop. What needs a server is in Tests/EndToEnd/test_external.py.
@Suite struct NameResolverTests {
    private func run(limit: Int = 64, _ body: @escaping (EventLoop, NameResolver, @escaping () -> Void) -> Void) throws
    {
        let loop = try EventLoop(name: "names")
        let resolver = NameResolver(loop: loop, addressLimit: limit)
        var isDone = false
        loop.schedule(after: .seconds(60)) { loop.stop() }
        loop.schedule(after: .zero) {
            body(loop, resolver) {
                isDone = true
                loop.stop()
            }
        }
        loop.run()
        resolver.close()
        #expect(isDone)
    }

    @Test func readsTheHostsFile() throws {
        try run { _, resolver, done in
            resolver.resolve("localhost") { result in
                let addresses = (try? result.get().addresses) ?? []
                #expect(addresses.contains(.loopback4(port: 0)) || addresses.contains(.loopback6(port: 0)), "\(result)")
                done()
            }
        }
    }

    @Test func addressesBeyondTheBoundAreDroppedAndCounted() throws {
        try run(limit: 0) { _, resolver, done in
            resolver.resolve("192.0.2.7") { result in
                let found = try? result.get()
                #expect(found?.addresses == [] && found?.dropped == 1, "\(result)")
                done()
            }
        }
    }

    @Test func addressesAreTheirOwnAnswer() throws {
        try run { _, resolver, done in
            resolver.resolve("192.0.2.7") { result in
                #expect((try? result.get().addresses) == SocketAddress(ipBytes: [192, 0, 2, 7], port: 0).map { [$0] })
                done()
            }
        }
    }

    @Test func aNameThatIsNoneFailsAndQuestionsAreBounded() throws {
        try run { _, resolver, done in
            var failures = 0
            for _ in 0..<(NameResolver.questionLimit + 1) {
                resolver.resolve("a..b") { result in
                    if case .failure = result { failures += 1 }
                    if failures == NameResolver.questionLimit + 1 { done() }
                }
            }
        }
    }

    @Test func closingForgetsWhatIsAsked() throws {
        try run { loop, resolver, done in
            var isClosed = false
            resolver.resolve("name.that.nobody.answers.invalid") { _ in
                if isClosed { Issue.record("answered after close") }
            }
            resolver.close()
            isClosed = true
            loop.schedule(after: .milliseconds(50)) { done() }
        }
    }
}
