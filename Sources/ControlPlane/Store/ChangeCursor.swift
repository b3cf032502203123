import MeshModel

/// One watch's place in the change log: reads on when it is asked to, waits for a signal at the end of the log.
actor ChangeCursor {
    private var position: Int64
    private var pending: ArraySlice<ResourceChange> = []
    private var signal: AsyncStream<Void>.Iterator
    private let read: @Sendable (Int64) async throws -> [ResourceChange]

    init(
        after revision: Int64, signal: AsyncStream<Void>,
        read: @escaping @Sendable (Int64) async throws -> [ResourceChange]
    ) {
        position = revision
        self.signal = signal.makeAsyncIterator()
        self.read = read
    }

    /// The next change; nil when the task is cancelled.
    func next() async throws -> ResourceChange? {
        while true {
            if let change = pending.popFirst() {
                position = change.revision
                return change
            }
            pending = try await read(position)[...]
            guard pending.isEmpty else { continue }
            // An iterator may not be used across an await through the actor's own storage: take it out and put it back.
            var waiting = signal
            let woken: Void? = await waiting.next(isolation: self)
            signal = waiting
            guard woken != nil, !Task.isCancelled else { return nil }
        }
    }
}
