import HTTPWire
import Testing

@testable import MeshRuntime

/// The protocol of the node's own pages: order, bounds, and the end of connections.
@Suite struct HTTP1ExchangeTests {
    private func exchange(_ change: (inout HTTP1ServerLimits) -> Void = { _ in }) -> HTTP1Exchange {
        var limits = HTTP1ServerLimits()
        change(&limits)
        return HTTP1Exchange(limits: limits)
    }

    private func text(_ exchange: HTTP1Exchange) -> String { String(decoding: exchange.output, as: UTF8.self) }

    @Test func requestsAreAnsweredInOrder() {
        var exchange = exchange()
        exchange.receive(
            Array(
                "GET /a?x=1 HTTP/1.1\r\nHost: h\r\n\r\nPOST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi".utf8)
        )
        let first = exchange.next()
        #expect(first?.path == "/a" && first?.query == "x=1" && first?.parameter("x") == "1")
        #expect(exchange.next() == nil, "one at a time")
        exchange.answer(HTTP1Response("one"))
        let second = exchange.next()
        #expect(second?.method == "POST" && second?.content == Array("hi".utf8))
        exchange.answer(HTTP1Response(status: 404, "two"))
        #expect(
            text(exchange).contains("HTTP/1.1 200 OK\r\n")
                && text(exchange).contains("\r\n\r\noneHTTP/1.1 404 Not Found\r\n"))
        #expect(!exchange.isClosing && !exchange.isBusy)
    }

    @Test func splitAnywhereIsTheSameRequest() {
        let bytes = Array("POST /b?q=%41 HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello".utf8)
        for split in 0...bytes.count {
            var exchange = exchange()
            exchange.receive(Array(bytes[..<split]))
            exchange.receive(Array(bytes[split...]))
            let request = exchange.next()
            #expect(request?.content == Array("hello".utf8) && request?.parameter("q") == "A", "split at \(split)")
        }
    }

    @Test func headGetsNoContent() {
        var exchange = exchange()
        exchange.receive(Array("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n".utf8))
        _ = exchange.next()
        exchange.answer(HTTP1Response("body"))
        #expect(text(exchange).contains("content-length: 4\r\n") && text(exchange).hasSuffix("\r\n\r\n"))
    }

    @Test func aClientThatClosesIsAnsweredAndClosed() {
        var exchange = exchange()
        exchange.receive(Array("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".utf8))
        _ = exchange.next()
        exchange.answer(HTTP1Response("x"))
        #expect(exchange.isClosing && text(exchange).contains("connection: close\r\n"))
    }

    @Test(arguments: [
        ("nonsense\r\n\r\n", 400), ("GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505), ("GET / HTTP/1.1\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2000000\r\n\r\n", 413),
        ("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
    ])
    func whatCannotBeReadIsRefusedAndClosed(request: String, status: Int) {
        var exchange = exchange()
        exchange.receive(Array(request.utf8))
        #expect(text(exchange).hasPrefix("HTTP/1.1 \(status) "), "\(text(exchange))")
        #expect(exchange.isClosing && exchange.next() == nil)
    }

    @Test func contentAndPipelineAreBounded() {
        var small = exchange { $0.contentBytes = 4 }
        small.receive(
            Array("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n".utf8))
        #expect(text(small).hasPrefix("HTTP/1.1 413 "))
        var few = exchange { $0.pipelined = 2 }
        few.receive(Array(String(repeating: "GET / HTTP/1.1\r\nHost: h\r\n\r\n", count: 3).utf8))
        #expect(text(few).hasPrefix("HTTP/1.1 429 ") && few.isClosing)
    }

    @Test func aClientThatWaitsIsToldToGoOn() {
        var exchange = exchange()
        exchange.receive(Array("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n".utf8))
        #expect(text(exchange) == "HTTP/1.1 100 Continue\r\n\r\n")
    }
}
