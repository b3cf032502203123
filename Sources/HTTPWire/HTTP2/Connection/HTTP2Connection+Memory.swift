/// The receive windows of streams, as taken from the account of what is held.
extension HTTP2Connection {
    /// What the peer may send on a stream, may be told that it may send, and has sent without its being handed on.
    func windowSize(of stream: HTTP2Stream) -> Int {
        Int(stream.receiveWindow) + Int(stream.uncredited) + Int(stream.unannounced)
    }

    /// What of the account a stream has: what its window is larger than the least; after the peer's end, what is still held. Until the
    /// peer has read SETTINGS the connection's window bounds all of its streams, and is its least.
    func charge(of stream: HTTP2Stream) -> Int {
        if stream.flags.contains(.remoteEnded) { return Int(stream.uncredited) }
        return settingsAcknowledged ? windowSize(of: stream) - announcedStreamWindow : 0
    }

    /// Streams have `count` bytes more of the account.
    mutating func charge(_ count: Int) {
        guard let memory else { return }
        memory.charge(count)
        charged += count
    }

    /// What may still be granted to streams of this connection: half of its own window, so that those whose bytes are held leave the
    /// leasts of the others room in it.
    private var room: Int { max(0, configuration.connectionWindow / 2 - charged) }

    /// Grants as much of `wanted` as the account and this connection have room for.
    private mutating func grant(upTo wanted: Int, _ memory: HeldMemory) -> Int {
        let count = memory.grant(upTo: min(wanted, room / 2))
        charged += count
        return count
    }

    /// Takes a new stream into the table. Where there is much room, its peer is told at once of a larger window than SETTINGS say, but not
    /// with each request of a client: most answers are small.
    mutating func enter(_ stream: HTTP2Stream) {
        let slot = streams.insert(stream)
        activeStreams += 1
        guard let memory, !stream.flags.contains(.remoteEnded) else { return }
        streams[slot].announcedAt = HTTP2WindowSize.tick(now)
        charge(charge(of: stream))
        let wanted = min(HeldMemory.firstWindow, configuration.initialStreamWindow) - Int(stream.receiveWindow)
        guard settingsAcknowledged, memory.isAmple, wanted > 0, room / 2 >= wanted,
            role == .server || stream.flags.contains(.isConnect)
        else {
            return
        }
        streams[slot].unannounced = Int32(truncatingIfNeeded: grant(upTo: wanted, memory))
        announce(slot)
    }

    /// Lets the window of a stream, of which half or more is to be announced, grow or shrink.
    mutating func resize(_ slot: Int, from size: Int, _ memory: HeldMemory) {
        let tick = HTTP2WindowSize.tick(now)
        let elapsed = tick &- streams[slot].announcedAt
        streams[slot].announcedAt = tick
        let next = HTTP2WindowSize(
            size: size, held: Int(streams[slot].uncredited), left: Int(streams[slot].receiveWindow),
            least: announcedStreamWindow,
            largest: configuration.initialStreamWindow
        ).next(elapsed: elapsed, isShort: memory.isShort || room < configuration.connectionWindow / 16)
        let change = next > size ? grant(upTo: next - size, memory) : next - size
        if change < 0 { charge(change) }
        streams[slot].unannounced += Int32(truncatingIfNeeded: change)
    }

    /// Tells the peer what it may send more.
    mutating func announce(_ slot: Int) {
        let unannounced = Int(streams[slot].unannounced)
        guard unannounced > 0 else { return }
        streams[slot].receiveWindow += Int32(truncatingIfNeeded: unannounced)
        streams[slot].unannounced = 0
        output.appendWindowUpdate(streams[slot].id, unannounced)
        counters.windowUpdatesSent &+= 1
    }

    /// The peer sends no more on a stream: only what is held counts from here on.
    mutating func endWindow(_ slot: Int) {
        guard memory != nil, !streams[slot].flags.contains(.remoteEnded) else { return }
        charge(Int(streams[slot].uncredited) - charge(of: streams[slot]))
        streams[slot].receiveWindow = 0
        streams[slot].unannounced = 0
    }

    /// Forgets the record of a stream, and what it has of the account.
    mutating func removeRecord(at slot: Int) {
        charge(-charge(of: streams[slot]))
        streams.remove(at: slot)
    }
}
