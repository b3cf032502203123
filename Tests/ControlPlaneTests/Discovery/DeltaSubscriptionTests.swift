import ControlPlane
import Testing

@Suite("Delta xDS subscription")
struct DeltaSubscriptionTests {
    let limits = DiscoveryLimits()

    static func snapshot(
        _ versions: [String: String], after previous: DiscoverySnapshot = .empty, aliases: [String: [String]] = [:],
        members: [String: [String]] = [:], history: Int = 64
    ) -> DiscoverySnapshot {
        let resources = versions.map {
            DiscoveryResource(
                name: $0.key, version: $0.value, aliases: aliases[$0.key] ?? [], payload: Array($0.value.utf8))
        }
        return DiscoverySnapshot(
            after: previous, tables: [.address: DiscoveryTable(resources, members: members)], historyLimit: history)
    }

    static func request(
        subscribe: [String] = [], unsubscribe: [String] = [], initial: [String: String] = [:], nonce: String = "",
        rejection: String? = nil
    ) -> DeltaRequest {
        var request = DeltaRequest()
        request.subscribe = subscribe
        request.unsubscribe = unsubscribe
        request.initialVersions = initial
        request.responseNonce = nonce
        request.rejection = rejection
        return request
    }

    func opened(_ request: DeltaRequest) -> DeltaSubscription {
        var subscription = DeltaSubscription(type: .address, node: "n1")
        #expect(subscription.receive(request, limits: limits) == .subscribe)
        return subscription
    }

    @Test("a wildcard subscriber gets everything once, then only what changed, then removals")
    func wildcard() {
        var subscription = opened(Self.request())
        let first = Self.snapshot(["a": "1", "b": "1"])
        let one = subscription.nextResponse(first, limits: limits)
        #expect(one?.resources.map(\.name) == ["a", "b"])
        #expect(one?.removed == [])
        #expect(subscription.receive(Self.request(nonce: one?.nonce ?? ""), limits: limits) == .acknowledge)
        #expect(subscription.nextResponse(first, limits: limits) == nil)

        let second = Self.snapshot(["a": "1", "b": "2", "c": "1"], after: first)
        let two = subscription.nextResponse(second, limits: limits)
        #expect(two?.resources.map(\.name) == ["b", "c"])
        _ = subscription.receive(Self.request(nonce: two?.nonce ?? ""), limits: limits)

        let third = Self.snapshot(["b": "2", "c": "1"], after: second)
        let three = subscription.nextResponse(third, limits: limits)
        #expect(three?.resources.isEmpty == true)
        #expect(three?.removed == ["a"])
    }

    @Test("what is not for a node does not exist for it, and goes when it is no longer for it")
    func audience() {
        func snapshot(_ nodes: Set<String>, after previous: DiscoverySnapshot) -> DiscoverySnapshot {
            let resource = DiscoveryResource(
                name: "Secret/ns/a", version: "1", aliases: [], payload: [1], audience: nodes)
            return DiscoverySnapshot(
                after: previous, tables: [.networking: DiscoveryTable([resource])], historyLimit: 64)
        }
        for names in [["*"], ["Secret/ns/a"]] {
            var subscription = DeltaSubscription(type: .networking, node: "n1")
            _ = subscription.receive(Self.request(subscribe: names), limits: limits)
            let none = snapshot(["n2"], after: .empty)
            let one = subscription.nextResponse(none, limits: limits)
            #expect(one?.resources == [])
            #expect(one?.removed == (names == ["*"] ? [] : names))
            _ = subscription.receive(Self.request(nonce: one?.nonce ?? ""), limits: limits)
            let both = snapshot(["n1", "n2"], after: none)
            let two = subscription.nextResponse(both, limits: limits)
            #expect(two?.resources.map(\.name) == ["Secret/ns/a"])
            _ = subscription.receive(Self.request(nonce: two?.nonce ?? ""), limits: limits)
            let three = subscription.nextResponse(snapshot(["n2"], after: both), limits: limits)
            #expect(three?.removed == ["Secret/ns/a"])
        }
    }

    @Test("the first answer comes even when there is nothing, so that a node knows it is in step")
    func emptyFirstAnswer() {
        var subscription = opened(Self.request())
        #expect(subscription.nextResponse(.empty, limits: limits) == nil, "nothing is compiled yet")
        let response = subscription.nextResponse(Self.snapshot([:]), limits: limits)
        #expect(response?.resources == [])
        #expect(response?.removed == [])
    }

    @Test("one response in flight: changes merge until it is answered")
    func merging() {
        var subscription = opened(Self.request())
        let first = Self.snapshot(["a": "1"])
        let one = subscription.nextResponse(first, limits: limits)
        let second = Self.snapshot(["a": "2", "b": "1"], after: first)
        #expect(subscription.nextResponse(second, limits: limits) == nil)
        let third = Self.snapshot(["a": "3", "b": "1"], after: second)
        #expect(subscription.nextResponse(third, limits: limits) == nil)
        #expect(subscription.isInFlight)
        _ = subscription.receive(Self.request(nonce: one?.nonce ?? ""), limits: limits)
        let merged = subscription.nextResponse(third, limits: limits)
        #expect(merged?.resources.map(\.version) == ["3", "1"])
    }

    @Test("a change that was undone while a response was in flight sends nothing")
    func undone() {
        var subscription = opened(Self.request())
        let first = Self.snapshot(["a": "1"])
        let one = subscription.nextResponse(first, limits: limits)
        let second = Self.snapshot(["a": "2"], after: first)
        let third = Self.snapshot(["a": "1"], after: second)
        _ = subscription.receive(Self.request(nonce: one?.nonce ?? ""), limits: limits)
        #expect(subscription.nextResponse(third, limits: limits) == nil)
    }

    @Test("a client that reconnects with its versions gets only the difference")
    func reconnect() {
        var subscription = opened(Self.request(initial: ["a": "1", "b": "1", "gone": "9"]))
        let response = subscription.nextResponse(Self.snapshot(["a": "1", "b": "2", "c": "1"]), limits: limits)
        #expect(response?.resources.map(\.name) == ["b", "c"])
        #expect(response?.removed == ["gone"])
    }

    @Test("a reconnect after a restart of the server, with equal content, sends nothing but the empty first answer")
    func reconnectUnchanged() {
        var subscription = opened(Self.request(initial: ["a": "1"]))
        let response = subscription.nextResponse(Self.snapshot(["a": "1"]), limits: limits)
        #expect(response?.resources == [])
        #expect(response?.removed == [])
    }

    @Test("a refusal is remembered, is not answered with the same content, and ends with the next acceptance")
    func rejection() {
        var subscription = opened(Self.request())
        let first = Self.snapshot(["a": "1"])
        let one = subscription.nextResponse(first, limits: limits)
        let outcome = subscription.receive(
            Self.request(nonce: one?.nonce ?? "", rejection: "a: bad address"), limits: limits)
        #expect(outcome == .reject("a: bad address"))
        #expect(subscription.lastRejection == "a: bad address")
        #expect(subscription.acknowledgedNonce == "")
        #expect(subscription.nextResponse(first, limits: limits) == nil)
        let second = Self.snapshot(["a": "2"], after: first)
        let two = subscription.nextResponse(second, limits: limits)
        #expect(two?.resources.map(\.version) == ["2"])
        #expect(subscription.receive(Self.request(nonce: two?.nonce ?? ""), limits: limits) == .acknowledge)
        #expect(subscription.lastRejection == nil)
    }

    @Test("an answer to an older response is stale, and its subscription changes still count")
    func staleNonce() {
        var subscription = opened(Self.request(subscribe: ["a"]))
        let snapshot = Self.snapshot(["a": "1", "b": "1"])
        let one = subscription.nextResponse(snapshot, limits: limits)
        #expect(subscription.receive(Self.request(subscribe: ["b"], nonce: "zzz"), limits: limits) == .ignoreStale)
        #expect(subscription.nextResponse(snapshot, limits: limits) == nil)
        #expect(subscription.receive(Self.request(nonce: one?.nonce ?? ""), limits: limits) == .acknowledge)
        #expect(subscription.nextResponse(snapshot, limits: limits)?.resources.map(\.name) == ["b"])
    }

    @Test("on demand: subscribe and unsubscribe of * is nothing; names, aliases and members are sent when asked for")
    func onDemand() {
        var subscription = opened(Self.request(subscribe: ["*"], unsubscribe: ["*"]))
        let snapshot = Self.snapshot(
            ["uid-1": "1", "uid-2": "1", "shop/web": "1", "uid-3": "1"], aliases: ["uid-1": ["net/10.0.0.1"]],
            members: ["shop/web": ["uid-2"]])
        let first = subscription.nextResponse(snapshot, limits: limits)
        #expect(first?.resources == [])
        _ = subscription.receive(
            Self.request(subscribe: ["net/10.0.0.1", "shop/web", "nobody"], nonce: first?.nonce ?? ""), limits: limits)
        let second = subscription.nextResponse(snapshot, limits: limits)
        #expect(second?.resources.map(\.name) == ["shop/web", "uid-1", "uid-2"])
        #expect(second?.removed == ["nobody"])
        _ = subscription.receive(Self.request(nonce: second?.nonce ?? ""), limits: limits)
        // Asking again is answered again.
        _ = subscription.receive(Self.request(subscribe: ["uid-1"]), limits: limits)
        let third = subscription.nextResponse(snapshot, limits: limits)
        #expect(third?.resources.map(\.name) == ["uid-1"])
        _ = subscription.receive(
            Self.request(unsubscribe: ["uid-1", "net/10.0.0.1"], nonce: third?.nonce ?? ""), limits: limits)
        let changed = Self.snapshot(
            ["uid-1": "2", "uid-2": "2", "shop/web": "1"], after: snapshot, members: ["shop/web": ["uid-2"]])
        #expect(subscription.nextResponse(changed, limits: limits)?.resources.map(\.name) == ["uid-2"])
    }

    @Test("a name that did not exist and appears later is sent")
    func appearsLater() {
        var subscription = opened(Self.request(subscribe: ["a"]))
        let first = Self.snapshot(["b": "1"])
        let one = subscription.nextResponse(first, limits: limits)
        #expect(one?.removed == ["a"])
        _ = subscription.receive(Self.request(nonce: one?.nonce ?? ""), limits: limits)
        let second = Self.snapshot(["a": "1", "b": "1"], after: first)
        #expect(subscription.nextResponse(second, limits: limits)?.resources.map(\.name) == ["a"])
    }

    @Test("on demand, initial versions are subscriptions; an empty version is a wish")
    func initialVersionsOnDemand() {
        var subscription = opened(
            Self.request(subscribe: ["*"], unsubscribe: ["*"], initial: ["a": "1", "b": "", "c": "9"]))
        let response = subscription.nextResponse(
            Self.snapshot(["a": "1", "b": "1", "c": "1", "d": "1"]), limits: limits)
        #expect(response?.resources.map(\.name) == ["b", "c"])
    }

    @Test("a client too far behind for the history is compared in full")
    func farBehind() {
        var subscription = opened(Self.request())
        var snapshot = Self.snapshot(["a": "0", "b": "0"], history: 2)
        let one = subscription.nextResponse(snapshot, limits: limits)
        for step in 1...10 {
            snapshot = Self.snapshot(["a": "\(step)", "b": "0"], after: snapshot, history: 2)
            #expect(subscription.nextResponse(snapshot, limits: limits) == nil)
        }
        #expect(snapshot.changedNames(.address, since: 1) == nil)
        _ = subscription.receive(Self.request(nonce: one?.nonce ?? ""), limits: limits)
        #expect(subscription.nextResponse(snapshot, limits: limits)?.resources.map(\.name) == ["a"])
    }

    @Test("a response past the byte limit is cut, and the rest follows after the acknowledgement")
    func responseBytes() {
        var limits = limits
        limits.responseBytes = 4
        var subscription = opened(Self.request())
        let snapshot = Self.snapshot(["a": "1", "b": "1", "c": "1"])
        var seen: [String] = []
        for _ in 0..<2 {
            let response = subscription.nextResponse(snapshot, limits: limits)
            seen += response?.resources.map(\.name) ?? []
            _ = subscription.receive(Self.request(nonce: response?.nonce ?? ""), limits: limits)
        }
        #expect(seen == ["a", "b", "c"])
        #expect(subscription.nextResponse(snapshot, limits: limits) == nil)
    }

    @Test("limits end the stream with a reason that names them")
    func refusals() {
        var limits = limits
        limits.subscribedNames = 2
        limits.nameLength = 8
        var many = DeltaSubscription(type: .address, node: "n1")
        guard case .refuse(let reason) = many.receive(Self.request(subscribe: ["a", "b", "c"]), limits: limits) else {
            Issue.record("three names were taken where two are allowed")
            return
        }
        #expect(reason.contains("2 names"))
        var long = DeltaSubscription(type: .address, node: "n1")
        guard case .refuse = long.receive(Self.request(subscribe: ["123456789"]), limits: limits) else {
            Issue.record("a long name was taken")
            return
        }
    }

    @Test("debounce waits for quiet, but not forever")
    func debounce() {
        var debounce = Debounce(quietPeriod: .milliseconds(50), longestDelay: .milliseconds(500))
        let start = ContinuousClock.now
        #expect(debounce.deadline == nil)
        debounce.changeArrived(at: start)
        #expect(debounce.deadline == start.advanced(by: .milliseconds(50)))
        debounce.changeArrived(at: start.advanced(by: .milliseconds(40)))
        #expect(debounce.deadline == start.advanced(by: .milliseconds(90)))
        debounce.changeArrived(at: start.advanced(by: .milliseconds(480)))
        #expect(debounce.deadline == start.advanced(by: .milliseconds(500)))
        debounce.reset()
        #expect(debounce.deadline == nil)
    }
}
