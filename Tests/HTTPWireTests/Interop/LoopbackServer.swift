import Foundation
import Glibc
import HTTPWire

/// A tiny HTTP/2 server over cleartext: `/bytes/N`, `/trailers`, echo of content, CONNECT as an echoing tunnel.
final class LoopbackServer: Sendable {
    let port: UInt16
    private let listener: CInt

    init?(configuration: HTTP2Configuration = HTTP2Configuration()) {
        guard let (descriptor, port) = LoopbackSocket.listen() else { return nil }
        self.port = port
        listener = descriptor
        Thread.detachNewThread {
            while true {
                let accepted = accept(descriptor, nil, nil)
                guard accepted >= 0 else { return }
                LoopbackSocket.setDeadline(accepted)
                Thread.detachNewThread { Self.serve(accepted, configuration) }
            }
        }
    }

    deinit {
        shutdown(listener, CInt(SHUT_RDWR))
        close(listener)
    }

    private static func serve(_ descriptor: CInt, _ configuration: HTTP2Configuration) {
        var endpoint = LoopbackEndpoint(.server, descriptor, configuration)
        guard endpoint.flush() else { return }
        var requests: [HTTP2StreamID: HTTPFieldBlock] = [:]
        var echoing: Set<HTTP2StreamID> = []
        while endpoint.readOnce({ endpoint, event, bytes in
            switch event {
            case .headers(let id, let fields, let end):
                requests[id] = fields
                endpoint.connection.sendHeaders(id, .response(status: 200), endStream: false)
                if end {
                    endpoint.outgoing[id] = answer(fields)
                } else {
                    echoing.insert(id)
                    endpoint.outgoing[id] = ([], false, nil)
                }
            case .data(let id, _, let end):
                guard echoing.contains(id) else { return }
                let waiting = endpoint.outgoing[id]?.bytes ?? []
                endpoint.outgoing[id] = (waiting + bytes, end, nil)
                if end { echoing.remove(id) }
            case .trailers(let id, let fields):
                endpoint.outgoing[id] = (endpoint.outgoing[id]?.bytes ?? [], true, fields)
            case .reset(let id, _, _): endpoint.outgoing[id] = nil
            default: break
            }
        }) {}
        // A peer that is told of its error gets the time to read it.
        shutdown(descriptor, CInt(SHUT_WR))
        var rest = [UInt8](repeating: 0, count: 4_096)
        while recv(descriptor, &rest, rest.count, 0) > 0 {}
    }

    private static func answer(
        _ fields: HTTPFieldBlock
    ) -> (bytes: ArraySlice<UInt8>, end: Bool, trailers: HTTPFieldBlock?) {
        let path = fields.path ?? ""
        if path.hasPrefix("/bytes/"), let count = Int(path.dropFirst(7)) {
            return ([UInt8](repeating: 0x61, count: count)[...], true, nil)
        }
        if path == "/trailers" {
            var trailers = HTTPFieldBlock()
            trailers.append(name: "x-sum", value: "42")
            return (Array("with trailers\n".utf8)[...], true, trailers)
        }
        return (Array("hello from ambit\n".utf8)[...], true, nil)
    }
}
