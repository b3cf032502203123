import Foundation
import Glibc
import HTTPWire

/// A tiny HTTP/1.1 server: `/bytes/N` in chunks, `/trailers`, `/echo` of the content, a greeting for the rest.
final class HTTP1LoopbackServer: Sendable {
    let port: UInt16
    private let listener: CInt

    init?() {
        guard let (descriptor, port) = LoopbackSocket.listen() else { return nil }
        self.port = port
        listener = descriptor
        Thread.detachNewThread {
            while true {
                let accepted = accept(descriptor, nil, nil)
                guard accepted >= 0 else { return }
                LoopbackSocket.setDeadline(accepted)
                Thread.detachNewThread { Self.serve(accepted) }
            }
        }
    }

    deinit {
        shutdown(listener, CInt(SHUT_RDWR))
        close(listener)
    }

    private static func serve(_ descriptor: CInt) {
        defer { close(descriptor) }
        var connection = HTTP1Connection(role: .server, now: LoopbackEndpoint.now)
        var waiting: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        var head = HTTPFieldBlock()
        var content: [UInt8] = []
        while !connection.isClosing {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            waiting += buffer[..<count]
            while !waiting.isEmpty, connection.wantsInput {
                let input = waiting
                var events: [HTTP1Event] = []
                let taken = input.withUnsafeBytes {
                    connection.receive($0, now: LoopbackEndpoint.now, events: &events)
                }
                waiting.removeFirst(taken)
                for event in events {
                    switch event {
                    case .headers(let fields, let end):
                        head = fields
                        content = []
                        if fields.first("expect") != nil {
                            try? connection.sendHeaders(.response(status: 100), endStream: false)
                        }
                        if end { answer(head, content, &connection) }
                    case .data(let range, let end):
                        content += input[range]
                        if end { answer(head, content, &connection) }
                    case .trailers: answer(head, content, &connection)
                    case .failed: break
                    }
                }
            }
            var wire: [UInt8] = []
            connection.drainOutput { wire += Array($0) }
            guard LoopbackSocket.writeAll(descriptor, wire) else { return }
        }
        // A peer that is told of its error gets the time to read it.
        shutdown(descriptor, CInt(SHUT_WR))
        while recv(descriptor, &buffer, buffer.count, 0) > 0 {}
    }

    private static func answer(_ head: HTTPFieldBlock, _ content: [UInt8], _ connection: inout HTTP1Connection) {
        let path = head.path ?? ""
        var trailers = HTTPFieldBlock()
        var body = Array("hello from ambit\n".utf8)
        if path.hasPrefix("/bytes/"), let count = Int(path.dropFirst(7)) {
            body = [UInt8](repeating: 0x61, count: count)
        } else if path == "/echo" {
            body = content
        } else if path == "/trailers" {
            trailers.append(name: "x-sum", value: "42")
        }
        try? connection.sendHeaders(.response(status: 200), endStream: false)
        for start in stride(from: 0, to: body.count, by: 10_000) {
            try? connection.sendData(Array(body[start..<min(start + 10_000, body.count)]), endStream: false)
        }
        try? connection.sendHeaders(trailers, endStream: true)
    }
}
