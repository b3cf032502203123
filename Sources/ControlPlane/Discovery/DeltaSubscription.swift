/// What one client wants and holds of one type: the delta xDS protocol as a pure state machine.
///
/// Owned by one `DiscoverySession`. At most one response is unacknowledged at any time; changes meanwhile merge into the next
/// one, so a slow client costs no memory. xDS protocol, "Incremental xDS"; Z 5.1; I 5.1.
package struct DeltaSubscription: Sendable {
    /// What a request turned out to be.
    package enum OnRequest: Sendable, Equatable {
        /// It opened or changed the subscription, and acknowledged nothing.
        case subscribe
        /// It acknowledged the response in flight.
        case acknowledge
        /// It refused the response in flight, for this reason; the client keeps what it had.
        case reject(String)
        /// It answered a response that is no longer in flight; only its subscription changes count.
        case ignoreStale
        /// It goes past a limit: end the stream with this reason.
        case refuse(String)
    }

    /// The type.
    package let type: DiscoveryType
    /// The node that subscribes; what is not for it does not exist here.
    package let node: String
    /// The nonce sent last, empty before the first.
    package private(set) var sentNonce = ""
    /// The nonce acknowledged last, empty before the first.
    package private(set) var acknowledgedNonce = ""
    /// Why the client refused a response last; nil after it accepted a later one.
    package private(set) var lastRejection: String?
    /// Whether a response waits for its acknowledgement.
    package private(set) var isInFlight = false
    /// Resources that the client holds, as far as it was told.
    package var heldCount: Int { held.count }

    private var isWildcard = false
    private var names: Set<String> = []
    private var held: [String: String] = [:]
    /// Names to answer even if nothing about them changed.
    private var unanswered: Set<String> = []
    private var mustAnswer = false
    private var isOpen = false
    /// The snapshot that the client's holdings were compared with last; nil: compare everything.
    private var comparedRevision: UInt64?
    private var responseCount: UInt64 = 0

    /// A subscription before its first request.
    package init(type: DiscoveryType, node: String) {
        self.type = type
        self.node = node
    }

    /// Takes a request in. Never answers; ask `nextResponse` after it.
    package mutating func receive(_ request: DeltaRequest, limits: DiscoveryLimits) -> OnRequest {
        let all = request.subscribe + request.unsubscribe + Array(request.initialVersions.keys)
        if let long = all.first(where: { $0.utf8.count > limits.nameLength }) {
            return .refuse(
                "a resource name of \(long.utf8.count) bytes was subscribed to; at most \(limits.nameLength) are read")
        }
        var outcome = OnRequest.subscribe
        if !request.responseNonce.isEmpty, isOpen {
            outcome = answer(nonce: request.responseNonce, rejection: request.rejection)
        }
        if !isOpen {
            open(request)
        } else {
            change(request)
        }
        guard names.count <= limits.subscribedNames, held.count <= limits.subscribedNames || isWildcard else {
            return .refuse("more than \(limits.subscribedNames) names of \(type.shortName) are subscribed to")
        }
        return outcome
    }

    /// The response to send now, or nil where one is in flight or there is nothing to say.
    ///
    /// Marks it as in flight and its content as held: the caller must send it or end the stream.
    package mutating func nextResponse(_ snapshot: DiscoverySnapshot, limits: DiscoveryLimits) -> DeltaResponse? {
        guard isOpen, !isInFlight, snapshot.revision > 0 else { return nil }
        if !mustAnswer, comparedRevision == snapshot.revision { return nil }
        let table = snapshot.table(type)
        var (changed, removed) = difference(snapshot, table)
        removed += unanswered.filter { name in
            name != "*" && !table.names(for: name).contains { table.resources[$0]?.isVisible(to: node) == true }
        }
        guard mustAnswer || !changed.isEmpty || !removed.isEmpty else {
            comparedRevision = snapshot.revision
            return nil
        }
        let isWhole = Self.cut(&changed, to: limits.responseBytes)
        for resource in changed { held[resource.name] = resource.version }
        for name in removed { held[name] = nil }
        mustAnswer = false
        unanswered = []
        comparedRevision = isWhole ? snapshot.revision : nil
        responseCount &+= 1
        sentNonce = String(responseCount, radix: 16)
        isInFlight = true
        return DeltaResponse(
            type: type, resources: changed, removed: removed.sorted(), nonce: sentNonce,
            snapshotRevision: snapshot.revision)
    }

    private mutating func open(_ request: DeltaRequest) {
        isOpen = true
        mustAnswer = true
        held = request.initialVersions
        isWildcard = request.subscribe.isEmpty || request.subscribe.contains("*")
        names = Set(request.subscribe)
        names.remove("*")
        remove(request.unsubscribe)
        // A client that holds resources without asking for all of them subscribes to what it holds.
        if !isWildcard { names.formUnion(request.initialVersions.keys) }
        // An empty version is a wish for the resource, not possession of it.
        held = held.filter { !$0.value.isEmpty }
        unanswered = names.filter { held[$0] == nil }
    }

    private mutating func change(_ request: DeltaRequest) {
        for name in request.subscribe {
            mustAnswer = true
            comparedRevision = nil
            if name == "*" {
                isWildcard = true
                continue
            }
            names.insert(name)
            unanswered.insert(name)
        }
        if !request.unsubscribe.isEmpty {
            remove(request.unsubscribe)
            comparedRevision = nil
        }
    }

    private mutating func remove(_ unsubscribed: [String]) {
        for name in unsubscribed {
            if name == "*" {
                isWildcard = false
            } else {
                names.remove(name)
                unanswered.remove(name)
            }
        }
    }

    private mutating func answer(nonce: String, rejection: String?) -> OnRequest {
        guard isInFlight, nonce == sentNonce else { return .ignoreStale }
        isInFlight = false
        if let rejection {
            lastRejection = rejection
            return .reject(rejection)
        }
        acknowledgedNonce = nonce
        lastRejection = nil
        return .acknowledge
    }

    /// What the client lacks, and what it holds that is gone.
    private mutating func difference(
        _ snapshot: DiscoverySnapshot, _ table: DiscoveryTable
    ) -> (changed: [DiscoveryResource], removed: [String]) {
        // Who asks again for a name gets it again, whatever version it holds.
        for name in unanswered where comparedRevision != nil || responseCount > 0 {
            for found in table.names(for: name) { held[found] = nil }
        }
        var wanted: Set<String>?
        let candidates: Set<String>
        if isWildcard {
            if let comparedRevision, let changes = snapshot.changedNames(type, since: comparedRevision) {
                candidates = changes.union(unanswered.flatMap { table.names(for: $0) })
            } else {
                candidates = Set(table.resources.keys).union(held.keys)
            }
        } else {
            let subscribed = Set(names.flatMap { table.names(for: $0) })
            wanted = subscribed
            candidates = subscribed.union(held.keys)
        }
        var changed: [DiscoveryResource] = []
        var removed: [String] = []
        for name in candidates {
            guard let resource = table.resources[name], resource.isVisible(to: node) else {
                if held[name] != nil { removed.append(name) }
                continue
            }
            if let wanted, !wanted.contains(name) {
                // Unsubscribed: the client drops it by itself.
                held[name] = nil
            } else if held[name] != resource.version {
                changed.append(resource)
            }
        }
        changed.sort { $0.name < $1.name }
        return (changed, removed)
    }

    /// Keeps at least one resource and at most `limit` bytes of payload; false where some were cut off.
    private static func cut(_ resources: inout [DiscoveryResource], to limit: Int) -> Bool {
        var bytes = 0
        for (index, resource) in resources.enumerated() {
            bytes += resource.payload.count + resource.name.utf8.count
            if bytes > limit, index > 0 {
                resources.removeSubrange(index...)
                return false
            }
        }
        return true
    }
}
