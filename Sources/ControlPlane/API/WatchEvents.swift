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

    private let place: APIRoute.Place
    private let table: ResourceTable?
    private let filter: ResourceFilter
    private var present: ArraySlice<Resource>
    private var revision: Int64
    private let deadline: ContinuousClock.Instant
    private let bookmark: Duration?
    private let changes: AsyncStream<Wake>
    private var iterator: AsyncStream<Wake>.Iterator
    private let reader: Task<Void, Never>
    private let ticker: Task<Void, Never>
    private var isOver = false

    init(
        place: APIRoute.Place, table: ResourceTable?, filter: ResourceFilter, present: [Resource], revision: Int64,
        deadline: ContinuousClock.Instant, bookmark: Duration?, changes: AsyncThrowingStream<ResourceChange, any Error>
    ) {
        self.place = place
        self.table = table
        self.filter = filter
        self.present = present[...]
        self.revision = revision
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

    deinit {
        reader.cancel()
        ticker.cancel()
    }

    /// The next event; nil at the end of the watch.
    func next() async throws -> JSONValue? {
        if let first = present.popFirst() { return event("ADDED", rendered(first)) }
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
        if filter.selects(change.resource) { return event(change.event.rawValue, rendered(change.resource)) }
        // A change that takes the object out of the selection is its end for this watch.
        return change.event == .modified ? event("DELETED", rendered(change.resource)) : nil
    }

    private func bookmarkEvent() -> JSONValue {
        event(
            "BOOKMARK",
            .object([
                "kind": .string(place.kind.kind), "apiVersion": .string(place.apiVersion),
                "metadata": .object(["resourceVersion": .string(String(revision))]),
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
