import HTTPWire
import Testing

/// The account of what a worker holds, alone and as windows of streams are taken from it.
@Suite struct HeldMemoryTests {
    private static let one = HTTP2StreamID(1)

    @Test("each gets an eighth of what is left of half, so there is always something for one more")
    func grants() {
        let memory = HeldMemory(limit: 1 << 20)
        #expect(memory.room == 1 << 19 && memory.isAmple && !memory.isShort)
        #expect(memory.grant(upTo: 1_000) == 1_000)
        memory.charge(-1_000)
        #expect(memory.grant(upTo: 1 << 20) == 1 << 16)
        for _ in 0..<100 { #expect(memory.grant(upTo: 1 << 20) <= 1 << 16) }
        #expect(memory.granted <= 1 << 19 && memory.isShort && !memory.isAmple)
        #expect(memory.grant(upTo: -5) == 0)
        // What must be had is had, and leaves nothing for others.
        memory.charge(1 << 20)
        #expect(memory.room == 0 && memory.grant(upTo: 1) == 0)
        memory.charge(-memory.granted)
        #expect(memory.room == 1 << 19)
    }

    @Test("a plain connection is read for 32 KiB at least, and for an eighth of what is left")
    func reads() {
        let memory = HeldMemory(limit: 1 << 20)
        #expect(memory.readAllowance(upTo: 1 << 18) == 1 << 16)
        #expect(memory.readAllowance(upTo: 1_000) == 1_000)
        memory.charge(1 << 20)
        #expect(memory.readAllowance(upTo: 1 << 18) == HeldMemory.leastRead)
        #expect(HeldMemory(limit: 1 << 30).readAllowance(upTo: 1 << 18) == 1 << 18)
    }

    /// A server with a POST on stream 1, past the exchange of SETTINGS.
    private func server(_ memory: HeldMemory, largest: Int = 1 << 20) -> Peer {
        var configuration = HTTP2Configuration()
        configuration.initialStreamWindow = largest
        configuration.keepAlivePing = nil
        var peer = Peer.ready(.server, configuration, memory: memory)
        peer.feed(Frames.headers(1, Frames.post))
        return peer
    }

    /// Sends `count` bytes on stream 1 in frames, and hands all of them on; returns what is announced for it.
    private func pass(_ count: Int, through peer: inout Peer) -> Int {
        _ = peer.takeLines()
        var left = count
        while left > 0 {
            let piece = min(left, 16_384)
            peer.feed(Frames.data(1, bytes: [UInt8](repeating: 0, count: piece)))
            left -= piece
        }
        peer.connection.credit(Self.one, byteCount: count)
        return peer.takeLines().filter { $0.hasPrefix("> WINDOW_UPDATE 1 ") }
            .compactMap { Int($0.split(separator: " ")[3]) }.reduce(0, +)
    }

    @Test("a window begins at 16 KiB, with room at 64 KiB, and grows with its stream's pace up to the configured one")
    func growth() {
        let memory = HeldMemory(limit: 1 << 26)
        var peer = server(memory)
        #expect(peer.takeLines().contains("> WINDOW_UPDATE 1 49152"))
        var size = 65_536
        for next in [262_144, 524_288, 1 << 20, 1 << 20] {
            #expect(memory.granted == size - HeldMemory.leastWindow)
            #expect(pass(size, through: &peer) == next)
            size = next
        }
        #expect(memory.held == 0)
    }

    @Test("over a long way, where a whole window comes at once and then nothing until it is announced, it grows, too")
    func distance() {
        let memory = HeldMemory(limit: 1 << 26)
        var peer = server(memory)
        var size = 65_536
        while size < 1 << 20 {
            peer.time = peer.time + .milliseconds(400)
            let next = pass(size, through: &peer)
            #expect(next > size)
            size = next
        }
        // Half of it in that time is not too little.
        peer.time = peer.time + .milliseconds(400)
        #expect(pass(size / 2, through: &peer) == size / 2)
    }

    @Test("a window that is used up slowly shrinks to the least")
    func shrinking() {
        let memory = HeldMemory(limit: 1 << 26)
        var peer = server(memory)
        #expect(pass(65_536, through: &peer) == 262_144)
        var size = 262_144
        while size > HeldMemory.leastWindow {
            peer.time = peer.time + .seconds(2)
            #expect(pass(size, through: &peer) == size / 2)
            size /= 2
        }
        peer.time = peer.time + .seconds(2)
        #expect(pass(size, through: &peer) == size)
        #expect(memory.granted == 0)
    }

    @Test("while memory is short large windows shrink, nobody gets more, and the least goes round all the same")
    func shortage() {
        let memory = HeldMemory(limit: 1 << 22)
        var peer = server(memory)
        #expect(pass(65_536, through: &peer) == 262_144)
        memory.charge(1 << 22)
        var size = 262_144
        while size > HeldMemory.leastWindow {
            #expect(pass(size, through: &peer) == size / 2)
            size /= 2
        }
        #expect(memory.granted == 1 << 22)
        for _ in 0..<100 { #expect(pass(size, through: &peer) == size) }
        // A stream that comes now has what SETTINGS say.
        peer.feed(Frames.headers(3, Frames.post))
        #expect(!peer.takeLines().contains { $0.hasPrefix("> WINDOW_UPDATE") })
    }

    @Test("what is held is no reason to promise more")
    func held() {
        let memory = HeldMemory(limit: 1 << 26)
        var peer = server(memory)
        _ = peer.takeLines()
        for _ in 0..<4 { peer.feed(Frames.data(1, bytes: [UInt8](repeating: 0, count: 16_384))) }
        #expect(memory.held == 65_536)
        peer.connection.credit(Self.one, byteCount: 40_000)
        #expect(peer.takeLines().last == "> WINDOW_UPDATE 1 40000")
        #expect(memory.held == 25_536 && memory.granted == 65_536 - HeldMemory.leastWindow)
    }

    @Test("the account has everything back when a stream or its connection ends", arguments: 0..<4)
    func ends(how: Int) {
        let memory = HeldMemory(limit: 1 << 26)
        do {
            var peer = server(memory)
            peer.feed(Frames.data(1, bytes: [UInt8](repeating: 0, count: 10_000), end: how == 0))
            #expect(memory.held == 10_000 && memory.granted == (how == 0 ? 10_000 : 65_536 - HeldMemory.leastWindow))
            switch how {
            case 0: peer.connection.credit(Self.one, byteCount: 10_000)
            case 1: peer.connection.reset(Self.one, .cancel)
            case 2: peer.feed(Frames.data(0, bytes: [0]))
            default: break
            }
            if how < 3 { #expect(memory.held == 0 && memory.granted == 0) }
        }
        #expect(memory.held == 0 && memory.granted == 0)
    }

    @Test("a peer that has not read SETTINGS may send 65,535 bytes on all streams together")
    func beforeSettings() {
        let memory = HeldMemory(limit: 1 << 26)
        var peer = Peer(.server, memory: memory)
        peer.feed(Frames.preface + Frames.settings() + Frames.headers(1, Frames.post) + Frames.headers(3, Frames.post))
        #expect(!peer.takeLines().contains { $0.hasPrefix("> WINDOW_UPDATE") })
        for _ in 0..<3 { peer.feed(Frames.data(1, bytes: [UInt8](repeating: 0, count: 16_384))) }
        #expect(memory.granted == 0 && memory.held == 3 * 16_384)
        peer.feed(Frames.settingsAck)
        #expect(memory.granted == 0)
        #expect(peer.takeLines().contains("> WINDOW_UPDATE 0 \((16 << 20) - 65_535)"))
        // What it has sent more than the least is made up for.
        peer.connection.credit(Self.one, byteCount: 3 * 16_384)
        #expect(peer.takeLines().contains { $0.hasPrefix("> WINDOW_UPDATE 1 ") })
        #expect(memory.held == 0)
        var other = Peer(.server, memory: memory)
        other.feed(Frames.preface + Frames.settings())
        for id in [1, 3] as [UInt32] { other.feed(Frames.headers(id, Frames.post)) }
        for _ in 0..<2 { other.feed(Frames.data(1, bytes: [UInt8](repeating: 0, count: 16_384))) }
        for _ in 0..<2 { other.feed(Frames.data(3, bytes: [UInt8](repeating: 0, count: 16_384))) }
        #expect(other.failureText == "more DATA than the connection's window allows")
    }

    @Test("streams whose bytes are held leave the leasts of all others room in the connection's window")
    func stalled() {
        let memory = HeldMemory(limit: 1 << 30)
        var configuration = HTTP2Configuration()
        configuration.keepAlivePing = nil
        var peer = Peer.ready(.server, configuration, memory: memory)
        let streams = (0..<20).map { UInt32(2 * $0 + 1) }
        var windows: [UInt32: Int] = [:]
        func announced(_ lines: [String]) {
            for line in lines where line.hasPrefix("> WINDOW_UPDATE ") {
                let words = line.split(separator: " ").compactMap { Int($0) }
                if words[0] != 0 { windows[UInt32(words[0]), default: HeldMemory.leastWindow] += words[1] }
            }
        }
        for id in streams { peer.feed(Frames.headers(id, Frames.post)) }
        announced(peer.takeLines())
        // All of them move as much as they may, for a while; then nothing is taken any more.
        for round in 0..<20 {
            for id in streams {
                let window = windows[id] ?? HeldMemory.leastWindow
                var left = window
                while left > 0 {
                    peer.feed(Frames.data(id, bytes: [UInt8](repeating: 0, count: min(left, 16_384))))
                    left -= min(left, 16_384)
                }
                windows[id] = 0
                if round < 19 { peer.connection.credit(HTTP2StreamID(id), byteCount: window) }
                announced(peer.takeLines())
            }
        }
        #expect(peer.failureText == nil)
        #expect(
            memory.held > 4 << 20 && memory.held <= 8 << 20 + streams.count * HeldMemory.leastWindow, "\(memory.held)")
        // The window has room for the leasts of as many streams as there may be.
        #expect(configuration.connectionWindow - memory.held > 180 * HeldMemory.leastWindow)
    }

    @Test("what one stream holds for long leaves the rest of the connection's window to others")
    func others() {
        var configuration = HTTP2Configuration()
        configuration.connectionWindow = 65_535
        configuration.initialStreamWindow = 60_000
        configuration.keepAlivePing = nil
        var peer = Peer.ready(.server, configuration)
        peer.feed(Frames.headers(1, Frames.post) + Frames.headers(3, Frames.post))
        for _ in 0..<3 { peer.feed(Frames.data(1, bytes: [UInt8](repeating: 0, count: 16_384))) }
        _ = peer.takeLines()
        // 16,383 are left: all of them go round, though they are less than half.
        peer.feed(Frames.data(3, bytes: [UInt8](repeating: 0, count: 16_000)))
        peer.connection.credit(HTTP2StreamID(3), byteCount: 16_000)
        #expect(peer.takeLines().contains("> WINDOW_UPDATE 0 16000"))
    }
}
