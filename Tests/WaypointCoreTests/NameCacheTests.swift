import HTTPWire
import LinuxSystem
import MeshRuntime
import NameResolution
import Testing

@testable import WaypointCore

/// How long answers are used, and what becomes of those who wait.
@Suite struct NameCacheTests {
    /// A resolver whose answers the test gives.
    final class Names {
        var questions: [(name: String, completion: NameResolver.Completion)] = []
        var logged: [String] = []

        func answer(_ addresses: [UInt8], seconds: Int) {
            let found = addresses.compactMap { SocketAddress(ipBytes: [192, 0, 2, $0], port: 0) }
            questions.removeFirst().completion(
                .success(ResolvedName(addresses: found, timeToLive: .seconds(seconds))))
        }

        func fail() { questions.removeFirst().completion(.failure(NameFailure(.unreachable, "no server"))) }
    }

    private func run(_ body: @escaping (EventLoop, NameCache, Names, @escaping () -> Void) -> Void) throws {
        let loop = try EventLoop(name: "names")
        let names = Names()
        let cache = NameCache(
            loop: loop, log: { names.logged.append($0) }, ask: { names.questions.append(($0, $1)) })
        var isDone = false
        loop.schedule(after: .seconds(30)) { loop.stop() }
        loop.schedule(after: .zero) {
            body(loop, cache, names) {
                isDone = true
                loop.stop()
            }
        }
        loop.run()
        #expect(isDone)
    }

    private func last(_ result: Result<[SocketAddress], NameFailure>) -> [UInt8] {
        (try? result.get().compactMap { $0.ipBytes.last }) ?? []
    }

    @Test func oneQuestionServesAllWhoWait() throws {
        try run { _, cache, names, done in
            var got: [[UInt8]] = []
            for _ in 0..<3 { cache.addresses(of: "a.example") { got.append(last($0)) } }
            #expect(names.questions.count == 1 && got.isEmpty)
            names.answer([1, 2], seconds: 60)
            // Each begins with another address.
            #expect(got == [[1, 2], [2, 1], [1, 2]])
            cache.addresses(of: "a.example") { got.append(last($0)) }
            #expect(got.count == 4 && names.questions.isEmpty)
            done()
        }
    }

    @Test func aNewAnswerIsWaitedForWhenTheOldOneIsOver() throws {
        try run { loop, cache, names, done in
            cache.addresses(of: "a.example") { _ in }
            names.answer([1], seconds: 0)
            loop.schedule(after: NameCache.shortest + .milliseconds(5)) {
                var got: [UInt8] = []
                cache.addresses(of: "a.example") { got = last($0) }
                #expect(names.questions.count == 1 && got.isEmpty)
                names.answer([2], seconds: 60)
                #expect(got == [2])
                done()
            }
        }
    }

    @Test func theLastGoodAnswerIsKept() throws {
        try run { loop, cache, names, done in
            cache.addresses(of: "a.example") { _ in }
            names.answer([1], seconds: 0)
            loop.schedule(after: NameCache.shortest + .milliseconds(5)) {
                var got: [UInt8] = []
                cache.addresses(of: "a.example") { got = last($0) }
                names.fail()
                #expect(got == [1])
                #expect(names.logged == ["no server, its last addresses are used"])
                done()
            }
        }
    }

    @Test func aSilentServerCostsPatienceOnly() throws {
        try run { loop, cache, names, done in
            cache.addresses(of: "a.example") { _ in }
            names.answer([1], seconds: 0)
            loop.schedule(after: NameCache.shortest + .milliseconds(5)) {
                let start = loop.now
                cache.addresses(of: "a.example") {
                    #expect(last($0) == [1])
                    #expect(loop.now - start >= NameCache.patience)
                    #expect(names.questions.count == 1)
                    done()
                }
            }
        }
    }

    @Test func withoutAnyAnswerItFails() throws {
        try run { _, cache, names, done in
            cache.addresses(of: "a.example") { result in
                #expect(result == .failure(NameFailure(.unreachable, "no server")))
                done()
            }
            names.fail()
        }
    }

    @Test func watchedNamesAreAskedForAgainAndChangesAreTold() throws {
        try run { loop, cache, names, done in
            var changes = 0
            let watch = cache.watch("a.example") { changes += 1 }
            #expect(names.questions.count == 1 && cache.current("a.example").isEmpty)
            names.answer([1, 2], seconds: 0)
            #expect(changes == 1 && cache.current("a.example").compactMap { $0.ipBytes.last } == [1, 2])
            loop.schedule(after: NameCache.shortest + .milliseconds(100)) {
                #expect(names.questions.count == 1, "nobody wanted the name meanwhile")
                // The same addresses in another order are no change.
                names.answer([2, 1], seconds: 0)
                #expect(changes == 1)
                loop.schedule(after: NameCache.shortest + .milliseconds(100)) {
                    names.answer([2, 3], seconds: 0)
                    #expect(changes == 2 && cache.current("a.example").compactMap { $0.ipBytes.last } == [2, 3])
                    watch.end()
                    loop.schedule(after: NameCache.shortest + .milliseconds(100)) {
                        #expect(names.questions.isEmpty && changes == 2)
                        done()
                    }
                }
            }
        }
    }

    @Test func aWatchedNameKeepsItsAddressesWhileNobodyAnswersAndSaysSoOnce() throws {
        try run { loop, cache, names, done in
            var changes = 0
            let watch = cache.watch("a.example") { changes += 1 }
            names.answer([1], seconds: 0)
            loop.schedule(after: NameCache.shortest + .milliseconds(100)) {
                names.fail()
                cache.addresses(of: "a.example") { _ in }
                loop.schedule(after: NameCache.pause + .milliseconds(100)) {
                    names.fail()
                    #expect(cache.current("a.example").compactMap { $0.ipBytes.last } == [1] && changes == 1)
                    #expect(names.logged == ["no server, its last addresses are used"])
                    watch.end()
                    done()
                }
            }
        }
    }

    @Test func anOldAnswerIsNotCurrentForANewWatch() throws {
        try run { loop, cache, names, done in
            cache.addresses(of: "a.example") { _ in }
            names.answer([1], seconds: 0)
            loop.schedule(after: NameCache.shortest + .milliseconds(5)) {
                var changes = 0
                let watch = cache.watch("a.example") { changes += 1 }
                #expect(cache.current("a.example").isEmpty && names.questions.count == 1)
                // The same address again, but now it is known to hold.
                names.answer([1], seconds: 60)
                #expect(changes == 1 && cache.current("a.example").count == 1)
                watch.end()
                done()
            }
        }
    }

    @Test func tooManyAddressesAreSaid() throws {
        try run { _, cache, names, done in
            var refused = 0
            cache.onLimit = { refused += 1 }
            let watch = cache.watch("a.example") {}
            let found = (1...2).compactMap { SocketAddress(ipBytes: [192, 0, 2, $0], port: 0) }
            names.questions.removeFirst().completion(
                .success(ResolvedName(addresses: found, dropped: 3, timeToLive: .seconds(60))))
            #expect(refused == 1 && names.logged == ["a.example has 5 addresses: 2 are used"])
            watch.end()
            done()
        }
    }

    @Test func theCacheIsBounded() throws {
        try run { _, cache, names, done in
            let watch = cache.watch("watched.example") {}
            names.answer([7], seconds: 3_600)
            for number in 0..<(NameCache.capacity + 100) {
                cache.addresses(of: "\(number).example") { _ in }
                names.answer([1], seconds: 60)
            }
            #expect(cache.count <= NameCache.capacity + 1)
            #expect(cache.current("watched.example").count == 1)
            watch.end()
            done()
        }
    }
}
