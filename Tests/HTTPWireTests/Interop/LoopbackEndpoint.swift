import Glibc
import HTTPWire

/// One blocking connection over the core, driven by the thread that calls it.
struct LoopbackEndpoint: ~Copyable {
    var connection: HTTP2Connection
    let descriptor: CInt
    var events: [HTTP2Event] = []
    var input = [UInt8](repeating: 0, count: 64 * 1024)
    /// What is still to be sent on a stream; `trailers` end it if given.
    var outgoing: [HTTP2StreamID: (bytes: ArraySlice<UInt8>, end: Bool, trailers: HTTPFieldBlock?)] = [:]

    init(_ role: HTTP2Role, _ descriptor: CInt, _ configuration: HTTP2Configuration = HTTP2Configuration()) {
        connection = HTTP2Connection(role: role, configuration: configuration, now: Self.now)
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    static var now: MonotonicTime {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicTime(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }

    /// Writes everything that may be written; false if the peer is gone.
    mutating func flush() -> Bool {
        var wire: [UInt8] = []
        connection.drainOutput { wire += Array($0) }
        for id in outgoing.keys.sorted() {
            guard let (bytes, end, trailers) = outgoing[id] else { continue }
            var rest = bytes
            while true {
                let count =
                    rest.isEmpty ? 0 : connection.reserveData(id, upTo: min(rest.count, connection.peerMaxFrameSize))
                if !rest.isEmpty, count == 0 { break }
                let isLast = count == rest.count && end && trailers == nil
                if count > 0 || isLast {
                    var header = [UInt8](repeating: 0, count: 9)
                    header.withUnsafeMutableBytes { buffer in
                        guard let base = buffer.baseAddress else { return }
                        HTTP2Connection.writeDataFrameHeader(length: count, endStream: isLast, stream: id, into: base)
                    }
                    wire += header + rest.prefix(count)
                    connection.didSendData(id, byteCount: count, endStream: isLast)
                }
                rest = rest.dropFirst(count)
                if rest.isEmpty { break }
            }
            if rest.isEmpty {
                outgoing[id] = nil
                if let trailers {
                    connection.sendHeaders(id, trailers, endStream: true)
                    connection.drainOutput { wire += Array($0) }
                }
            } else {
                outgoing[id] = (rest, end, trailers)
            }
        }
        return LoopbackSocket.writeAll(descriptor, wire)
    }

    /// Reads once and gives each event to `handle` with its bytes; false at the end of the connection.
    mutating func readOnce(_ handle: (inout LoopbackEndpoint, HTTP2Event, ArraySlice<UInt8>) -> Void) -> Bool {
        let count = input.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
        guard count > 0 else { return false }
        events.removeAll(keepingCapacity: true)
        input.withUnsafeBytes {
            connection.receive(UnsafeRawBufferPointer(rebasing: $0[..<count]), now: Self.now, events: &events)
        }
        var failed = false
        for event in events {
            var bytes: ArraySlice<UInt8> = []
            if case .data(let id, let range, _) = event {
                bytes = input[range]
                connection.credit(id, byteCount: range.count)
            }
            if case .failed = event { failed = true }
            handle(&self, event, bytes)
        }
        return flush() && !failed
    }
}
