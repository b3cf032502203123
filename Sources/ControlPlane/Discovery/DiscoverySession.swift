/// One client's stream: its subscriptions, and the order of what is written to it.
///
/// An actor: requests and publications come from two tasks. Writing suspends on the client's flow control; meanwhile
/// publications merge, since the next response is made only when it can be written.
package actor DiscoverySession {
    /// What the session tells about itself after each change of its state.
    package struct Progress: Sendable {
        /// The type it is about.
        package let type: DiscoveryType
        /// Nonces, holdings and the last refusal.
        package let subscription: DeltaSubscription
        /// What just happened.
        package let event: Event
    }

    /// What can happen to a subscription.
    package enum Event: Sendable, Equatable {
        /// A response was written: so many resources and removals.
        case sent(resources: Int, removed: Int)
        /// The client accepted it.
        case acknowledged
        /// The client refused it.
        case rejected(String)
        /// An answer to an older response came.
        case stale
    }

    private let node: String
    private let limits: DiscoveryLimits
    private let write: @Sendable (DeltaResponse) async throws -> Void
    private let report: @Sendable (Progress) -> Void
    private var subscriptions: [DiscoveryType: DeltaSubscription] = [:]
    private var snapshot: DiscoverySnapshot
    private var isWriting = false

    /// `node` is who subscribes, as its certificate says. `write` puts one response on the stream; `report` must not block.
    package init(
        node: String, snapshot: DiscoverySnapshot, limits: DiscoveryLimits,
        write: @escaping @Sendable (DeltaResponse) async throws -> Void,
        report: @escaping @Sendable (Progress) -> Void
    ) {
        self.node = node
        self.snapshot = snapshot
        self.limits = limits
        self.write = write
        self.report = report
    }

    /// Takes a request in and sends what it makes due. Throws `SessionRefusal` where the client goes past a limit.
    package func receive(_ request: DeltaRequest, type: DiscoveryType) async throws {
        var subscription = subscriptions[type] ?? DeltaSubscription(type: type, node: node)
        let outcome = subscription.receive(request, limits: limits)
        subscriptions[type] = subscription
        switch outcome {
        case .subscribe: break
        case .acknowledge: report(Progress(type: type, subscription: subscription, event: .acknowledged))
        case .reject(let why): report(Progress(type: type, subscription: subscription, event: .rejected(why)))
        case .ignoreStale: report(Progress(type: type, subscription: subscription, event: .stale))
        case .refuse(let reason): throw SessionRefusal(reason: reason)
        }
        try await send()
    }

    /// Sends what differs in `snapshot`.
    package func publish(_ snapshot: DiscoverySnapshot) async throws {
        guard snapshot.revision > self.snapshot.revision else { return }
        self.snapshot = snapshot
        try await send()
    }

    private func send() async throws {
        // The actor is reentrant while a write suspends; who writes goes on until nothing is due.
        guard !isWriting else { return }
        isWriting = true
        defer { isWriting = false }
        while let response = nextResponse() {
            try await write(response)
            if let subscription = subscriptions[response.type] {
                report(
                    Progress(
                        type: response.type, subscription: subscription,
                        event: .sent(resources: response.resources.count, removed: response.removed.count)))
            }
        }
    }

    private func nextResponse() -> DeltaResponse? {
        for type in DiscoveryType.allCases {
            guard var subscription = subscriptions[type] else { continue }
            let response = subscription.nextResponse(snapshot, limits: limits)
            subscriptions[type] = subscription
            if let response { return response }
        }
        return nil
    }
}
