import MeshModel
import Synchronization

/// One watch: turns the store's changes into Kubernetes watch events, with bookmarks while it is quiet and an end at its
/// deadline. Pulled by the connection that it is written to.
actor WatchEvents {
    /// What the watch waits for at the same time.
    private enum Wake: Sendable {
        case change(ResourceChange?)
        case gone(StoreError)
        case quiet
    }

    /// Where a watch begins, and what its client is taken to know.
    struct Start: Sendable {
        /// Changes after it are told.
        var revision: Int64
        /// Objects that are told first.
        var present: [Resource] = []
        /// Whether a bookmark says that all of these were told (`sendInitialEvents`).
        var marksEndOfPresent = false
        /// Objects by whether they were selected, where labels decide; others are not known.
        fileprivate var wasSelected: [String: Bool] = [:]

        init(revision: Int64, present: [Resource] = []) {
            self.revision = revision
            self.present = present
        }

        /// Notes which objects are selected. What changed after the start says nothing about what was selected before.
        mutating func note(_ resources: [Resource], _ filter: ResourceFilter) {
            guard filter.selectsByLabels else { return }
            for resource in resources where (Int64(resource.metadata.resourceVersion) ?? .max) <= revision {
                wasSelected[resource.reference] = filter.selects(resource)
            }
        }
    }

    private let place: APIRoute.Place
    private let table: ResourceTable?
    private let filter: ResourceFilter
    private var present: ArraySlice<Resource>
    private var marksEndOfPresent: Bool
    private var wasSelected: [String: Bool]
    private var revision: Int64
    private let deadline: ContinuousClock.Instant
    private let bookmark: Duration?
    private let changes: AsyncStream<Wake>
    private var iterator: AsyncStream<Wake>.Iterator
    private let reader: Task<Void, Never>
    private let ticker: Task<Void, Never>
    private var isOver = false

    init(
        place: APIRoute.Place, table: ResourceTable?, filter: ResourceFilter, start: Start,
        deadline: ContinuousClock.Instant, bookmark: Duration?,
        changes: AsyncThrowingStream<ResourceChange, any Error>, opened: WatchPlaces.Place
    ) {
        self.place = place
        self.table = table
        self.filter = filter
        present = start.present[...]
        marksEndOfPresent = start.marksEndOfPresent
        wasSelected = start.wasSelected
        revision = start.revision
        self.opened = opened
        self.deadline = deadline
        self.bookmark = bookmark
        // One element at a time: the reader waits until the last one was taken.
        let (stream, continuation) = AsyncStream<Wake>.makeStream(bufferingPolicy: .unbounded)
        let gate = Gate()
        self.changes = stream
        self.iterator = stream.makeAsyncIterator()
        self.gate = gate
        reader = Task {
            do {
                for try await change in changes {
                    continuation.yield(.change(change))
                    await gate.wait()
                }
                continuation.yield(.change(nil))
            } catch let error as StoreError {
                continuation.yield(.gone(error))
            } catch {
                continuation.yield(.change(nil))
            }
        }
        ticker = Task {
            while !Task.isCancelled {
                let next = bookmark.map { min(deadline, ContinuousClock.now + $0) } ?? deadline
                try? await Task.sleep(until: next, clock: .continuous)
                continuation.yield(.quiet)
                if ContinuousClock.now >= deadline { return }
            }
        }
    }

    private let gate: Gate
    private let opened: WatchPlaces.Place

    deinit {
        reader.cancel()
        ticker.cancel()
    }

    /// The next event; nil at the end of the watch.
    func next() async throws -> JSONValue? {
        if let first = present.popFirst() { return event("ADDED", rendered(first)) }
        if marksEndOfPresent {
            marksEndOfPresent = false
            return bookmarkEvent(annotations: .object(["k8s.io/initial-events-end": .string("true")]))
        }
        while !isOver {
            var waiting = iterator
            let wake = await waiting.next(isolation: self)
            iterator = waiting
            switch wake {
            case .change(let change?)?:
                defer { gate.open() }
                revision = change.revision
                if let event = event(of: change) { return event }
            case .gone(let error)?:
                isOver = true
                return event("ERROR", APIFailure(error).document)
            case .quiet?:
                if ContinuousClock.now >= deadline {
                    isOver = true
                } else {
                    return bookmarkEvent()
                }
            case .change(nil)?, nil: isOver = true
            }
        }
        reader.cancel()
        ticker.cancel()
        return nil
    }

    private func event(of change: ResourceChange) -> JSONValue? {
        guard filter.covers(change.resource) else { return nil }
        let isSelected = filter.selects(change.resource)
        guard filter.selectsByLabels else {
            return isSelected ? event(change.event.rawValue, rendered(change.resource)) : nil
        }
        // Entering the selection is the object's beginning for this watch, leaving it is its end.
        let name = change.resource.reference
        let before = change.event == .added ? false : wasSelected[name]
        wasSelected[name] = change.event == .deleted ? nil : isSelected
        switch (change.event, before, isSelected) {
        case (.deleted, false?, _), (_, false?, false): return nil
        case (.deleted, _, _), (_, _, false): return event("DELETED", rendered(change.resource))
        case (_, false?, true): return event("ADDED", rendered(change.resource))
        case (_, _, true): return event("MODIFIED", rendered(change.resource))
        }
    }

    private func bookmarkEvent(annotations: JSONValue? = nil) -> JSONValue {
        var metadata: JSONObject = ["resourceVersion": .string(String(revision))]
        if let annotations { metadata["annotations"] = annotations }
        return event(
            "BOOKMARK",
            .object([
                "kind": .string(place.kind.kind), "apiVersion": .string(place.apiVersion),
                "metadata": .object(metadata),
            ]))
    }

    private func rendered(_ resource: Resource) -> JSONValue {
        let object = place.document(of: resource)
        return table?.document([object], revision: resource.metadata.resourceVersion) ?? object
    }

    private func event(_ type: String, _ object: JSONValue) -> JSONValue {
        .object(["type": .string(type), "object": object])
    }
}

/// Holds the reader of a watch back until its last change was taken, so that a slow client does not fill the memory.
private final class Gate: Sendable {
    private struct State: Sendable {
        var isOpen = false
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func open() {
        let waiting = state.withLock { state in
            defer { state.waiting = nil }
            if state.waiting == nil { state.isOpen = true }
            return state.waiting
        }
        waiting?.resume()
    }

    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let passes = state.withLock { state in
                    if state.isOpen || Task.isCancelled {
                        state.isOpen = false
                        return true
                    }
                    state.waiting = continuation
                    return false
                }
                if passes { continuation.resume() }
            }
        } onCancel: {
            open()
        }
    }
}
