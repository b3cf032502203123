import HTTPWire
import Testing

@testable import MeshRuntime

/// The protocol of the node's own pages: order, bounds, and the end of connections.
@Suite struct HTTP1ExchangeTests {
    private static let now = MonotonicTime(nanoseconds: 1)

    private func exchange(_ change: (inout HTTP1ServerLimits) -> Void = { _ in }) -> HTTP1Exchange {
        var limits = HTTP1ServerLimits()
        change(&limits)
        return HTTP1Exchange(limits: limits, now: Self.now)
    }

    /// What an exchange shows: the macros of the tests cannot look into what cannot be copied.
    private func state(_ exchange: borrowing HTTP1Exchange) -> (text: String, isClosing: Bool, isBusy: Bool) {
        (String(decoding: exchange.output, as: UTF8.self), exchange.isClosing, exchange.isBusy)
    }

    @Test func requestsAreAnsweredInOrder() {
        var exchange = exchange()
        exchange.receive(
            Array(
                "GET /a?x=1 HTTP/1.1\r\nHost: h\r\n\r\nPOST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi".utf8),
            now: Self.now)
        let first = exchange.next()
        #expect(first?.path == "/a" && first?.query == "x=1" && first?.parameter("x") == "1")
        let next = exchange.next()
        #expect(next == nil, "one at a time")
        exchange.answer(HTTP1Response("one"), now: Self.now)
        let second = exchange.next()
        #expect(second?.method == "POST" && second?.content == Array("hi".utf8))
        exchange.answer(HTTP1Response(status: 404, "two"), now: Self.now)
        let seen = state(exchange)
        #expect(
            seen.text.contains("HTTP/1.1 200 OK\r\n")
                && seen.text.contains("\r\n\r\noneHTTP/1.1 404 Not Found\r\n"))
        #expect(!seen.isClosing && !seen.isBusy)
    }

    @Test func splitAnywhereIsTheSameRequest() {
        let bytes = Array("POST /b?q=%41 HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello".utf8)
        for split in 0...bytes.count {
            var exchange = exchange()
            exchange.receive(Array(bytes[..<split]), now: Self.now)
            exchange.receive(Array(bytes[split...]), now: Self.now)
            let request = exchange.next()
            #expect(request?.content == Array("hello".utf8) && request?.parameter("q") == "A", "split at \(split)")
        }
    }

    @Test func headGetsNoContent() {
        var exchange = exchange()
        exchange.receive(Array("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n".utf8), now: Self.now)
        _ = exchange.next()
        exchange.answer(HTTP1Response("body"), now: Self.now)
        let seen = state(exchange)
        #expect(seen.text.contains("content-length: 4\r\n") && seen.text.hasSuffix("\r\n\r\n"))
    }

    @Test func aClientThatClosesIsAnsweredAndClosed() {
        var exchange = exchange()
        exchange.receive(Array("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".utf8), now: Self.now)
        _ = exchange.next()
        exchange.answer(HTTP1Response("x"), now: Self.now)
        let seen = state(exchange)
        #expect(seen.isClosing && seen.text.contains("connection: close\r\n"))
    }

    @Test(arguments: [
        ("nonsense\r\n\r\n", 400), ("GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505), ("GET / HTTP/1.1\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2000000\r\n\r\n", 413),
        ("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
    ])
    func whatCannotBeReadIsRefusedAndClosed(request: String, status: Int) {
        var exchange = exchange()
        exchange.receive(Array(request.utf8), now: Self.now)
        let before = state(exchange)
        #expect(before.text.hasPrefix("HTTP/1.1 \(status) "), "\(before.text)")
        let next = exchange.next()
        let after = state(exchange)
        #expect(after.isClosing && next == nil)
    }

    @Test func contentAndPipelineAreBounded() {
        var small = exchange { $0.contentBytes = 4 }
        small.receive(
            Array("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n".utf8),
            now: Self.now)
        let content = state(small)
        #expect(content.text.hasPrefix("HTTP/1.1 413 "))
        var few = exchange { $0.pipelinedBytes = 60 }
        let get = Array("GET / HTTP/1.1\r\nHost: h\r\n\r\n".utf8)
        few.receive(get + get, now: Self.now)
        let waiting = state(few)
        #expect(waiting.isBusy && !waiting.isClosing)
        few.receive(get, now: Self.now)
        let taken = state(few)
        #expect(!taken.isClosing, "the first is taken, two wait")
        few.receive(get, now: Self.now)
        let refused = state(few)
        #expect(refused.text.hasPrefix("HTTP/1.1 429 ") && refused.isClosing)
    }

    @Test func aClientThatWaitsIsToldToGoOn() {
        var exchange = exchange()
        exchange.receive(
            Array("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n".utf8), now: Self.now
        )
        let seen = state(exchange)
        #expect(seen.text == "HTTP/1.1 100 Continue\r\n\r\n")
    }

    @Test func aHeadThatTakesTooLongIsRefused() {
        var exchange = exchange()
        exchange.receive(Array("GET / HTTP/1.1\r\n".utf8), now: Self.now)
        exchange.receive(Array("Host: h\r\n".utf8), now: Self.now + .seconds(14))
        let before = state(exchange)
        #expect(!before.isClosing)
        exchange.receive(Array("X: y\r\n".utf8), now: Self.now + .seconds(15))
        let after = state(exchange)
        #expect(after.text.hasPrefix("HTTP/1.1 408 ") && after.isClosing)
    }

    @Test func aTunnelIsNotServed() {
        var exchange = exchange()
        exchange.receive(Array("CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\n\r\n".utf8), now: Self.now)
        let next = exchange.next()
        let seen = state(exchange)
        #expect(seen.text.hasPrefix("HTTP/1.1 405 ") && seen.isClosing && next == nil)
    }
}
