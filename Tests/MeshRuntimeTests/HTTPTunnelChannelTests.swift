import HTTPWire
import MeshRuntime
import Testing

/// The way through a proxy: what is asked, what is taken for an answer, and what comes through.
@Suite struct HTTPTunnelChannelTests {
    /// A tunnel's near end, not asked for, and the proxy's end, not started.
    private func pair(
        _ loop: EventLoop, _ method: HTTPTunnelChannel.Method, target: String = "db.example:5432",
        _ body: @escaping (_ tunnel: HTTPTunnelChannel, _ proxy: ByteChannel) -> Void
    ) throws {
        try channelPair(loop) { near, proxy in
            body(HTTPTunnelChannel(over: near, method: method, target: target), proxy)
        }
    }

    private func send(_ text: String, _ channel: ByteChannel) {
        Array(text.utf8).withUnsafeBytes { channel.send($0) }
    }

    /// Collects what a channel receives.
    private final class Heard {
        var text = ""
        var hasEnded = false
        var loss: String?

        init(_ channel: ByteChannel) {
            channel.onBytes = { [unowned channel] bytes in
                self.text += String(decoding: bytes, as: UTF8.self)
                channel.credit(bytes.count)
            }
            channel.onEnd = { self.hasEnded = true }
            channel.onLost = { self.loss = $0 }
        }
    }

    @Test func connectCarriesBytesAsTheyAre() throws {
        try onLoop { loop, done in
            try pair(loop, .connect) { tunnel, proxy in
                let asked = Heard(proxy)
                proxy.start()
                var isOpen = false
                tunnel.ask { result in
                    if case .success = result { isOpen = true }
                }
                when(loop, { asked.text.hasSuffix("\r\n\r\n") }) {
                    #expect(asked.text == "CONNECT db.example:5432 HTTP/1.1\r\nhost: db.example:5432\r\n\r\n")
                    // What the target says first comes in the same segment, behind an interim response.
                    send("HTTP/1.1 103 x\r\n\r\nHTTP/1.1 200 Established\r\nvia: test\r\n\r\nwelcome ", proxy)
                    when(loop, { isOpen }) {
                        #expect(tunnel.isOpen)
                        send("HTTP/1.1 400 this is the target's", proxy)
                        let heard = Heard(tunnel)
                        tunnel.start()
                        send("hello", tunnel)
                        tunnel.finish()
                        when(loop, { asked.hasEnded && heard.text.hasSuffix("target's") }) {
                            #expect(heard.text == "welcome HTTP/1.1 400 this is the target's")
                            #expect(asked.text.hasSuffix("\r\n\r\nhello"))
                            // The other direction goes on.
                            send("!", proxy)
                            proxy.finish()
                            when(loop, { heard.hasEnded }) {
                                #expect(heard.text.hasSuffix("target's!") && heard.loss == nil)
                                tunnel.close(reset: false)
                                proxy.close(reset: false)
                                done()
                            }
                        }
                    }
                }
            }
        }
    }

    @Test func theTargetMayEndFirst() throws {
        try onLoop { loop, done in
            try pair(loop, .connect) { tunnel, proxy in
                let asked = Heard(proxy)
                proxy.start()
                send("HTTP/1.1 200 OK\r\n\r\nbye", proxy)
                proxy.finish()
                tunnel.ask { _ in
                    let heard = Heard(tunnel)
                    tunnel.start()
                    when(loop, { heard.hasEnded }) {
                        #expect(heard.text == "bye" && heard.loss == nil)
                        send("still here", tunnel)
                        when(loop, { asked.text.hasSuffix("still here") }, done)
                    }
                }
            }
        }
    }

    @Test func postCarriesBytesAsContent() throws {
        try onLoop { loop, done in
            try pair(loop, .post, target: "[2001:db8::1]:443") { tunnel, proxy in
                let asked = Heard(proxy)
                proxy.start()
                tunnel.ask { result in
                    guard case .success = result else { return }
                    let heard = Heard(tunnel)
                    tunnel.start()
                    send("hello", tunnel)
                    tunnel.finish()
                    when(loop, { asked.text.hasSuffix("0\r\n\r\n") }) {
                        #expect(
                            asked.text
                                == "POST / HTTP/1.1\r\nhost: [2001:db8::1]:443\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
                        )
                        #expect(heard.text == "good" && !heard.hasEnded && !asked.hasEnded)
                        send("4\r\n day\r\n0\r\n\r\n", proxy)
                        when(loop, { heard.hasEnded }) {
                            #expect(heard.text == "good day")
                            tunnel.close(reset: false)
                            done()
                        }
                    }
                }
                when(loop, { asked.text.hasSuffix("\r\n\r\n") }) {
                    send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\ngood\r\n", proxy)
                }
            }
        }
    }

    @Test func aResponseToPostThatIsCutOffIsALoss() throws {
        try onLoop { loop, done in
            try pair(loop, .post) { tunnel, proxy in
                proxy.start()
                tunnel.ask { _ in
                    let heard = Heard(tunnel)
                    tunnel.start()
                    when(loop, { heard.loss != nil }) {
                        #expect(heard.text == "goo" && !heard.hasEnded)
                        done()
                    }
                }
                send("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\ngoo", proxy)
                proxy.finish()
            }
        }
    }

    @Test(arguments: [
        ("HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno", "the proxy answered 403 to CONNECT db.example:5432"),
        ("HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n", "is no HTTP/1.1"),
        ("SSH-2.0-OpenSSH_9.2\r\n", "is no HTTP/1.1"), ("\u{16}\u{3}\u{1}\r\n", "is no HTTP/1.1"),
        ("HTTP/1.1 200 " + String(repeating: "x", count: 10_000), "the first line is too long"),
        (
            "HTTP/1.1 200 OK\r\n" + String(repeating: "a: bcdefghijklmnopqrstuvwxyz\r\n", count: 4000),
            "the fields are too large"
        ),
        (String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 20), "too many 1xx"),
    ])
    func anythingElseEndsIt(answer: String, reason: String) throws {
        try onLoop { loop, done in
            try pair(loop, .connect) { tunnel, proxy in
                let asked = Heard(proxy)
                proxy.start()
                tunnel.ask { result in
                    guard case .failure(let failure) = result else {
                        Issue.record("it is open")
                        return
                    }
                    #expect(failure.message.contains(reason), "\(failure)")
                    #expect(!tunnel.isOpen)
                    when(loop, { asked.loss != nil || asked.hasEnded }, done)
                }
                send(answer, proxy)
            }
        }
    }

    @Test(arguments: [("", "without an answer"), ("HTTP/1.1 200 OK\r\n", "in the middle of its answer")])
    func anEndInsteadOfAnAnswerIsSaid(answer: String, reason: String) throws {
        try onLoop { loop, done in
            try pair(loop, .connect) { tunnel, proxy in
                proxy.start()
                tunnel.ask { result in
                    guard case .failure(let failure) = result else {
                        Issue.record("it is open")
                        return
                    }
                    #expect(failure.message.contains(reason), "\(failure)")
                    done()
                }
                send(answer, proxy)
                proxy.finish()
            }
        }
    }

    @Test func whoGivesUpHearsNothing() throws {
        try onLoop { loop, done in
            try pair(loop, .connect) { tunnel, proxy in
                let asked = Heard(proxy)
                proxy.start()
                tunnel.ask { _ in Issue.record("it was told") }
                tunnel.close(reset: true)
                when(loop, { asked.loss != nil || asked.hasEnded }, done)
            }
        }
    }

    /// 8 MiB towards an owner who credits nothing for a while: the proxy has to wait.
    @Test func waitsForCredit() throws {
        try onLoop { loop, done in
            try pair(loop, .connect) { tunnel, proxy in
                let total = 8 * 1024 * 1024
                proxy.onBytes = { proxy.credit($0.count) }
                proxy.start()
                tunnel.ask { _ in
                    var received = 0
                    var held = 0
                    var mayCredit = false
                    tunnel.onBytes = { bytes in
                        received += bytes.count
                        if mayCredit { tunnel.credit(bytes.count) } else { held += bytes.count }
                    }
                    tunnel.onEnd = {
                        #expect(received == total)
                        done()
                    }
                    tunnel.start()
                    var last = -1
                    func watch() {
                        loop.schedule(after: .milliseconds(50)) {
                            guard received == last, received > 0 else {
                                last = received
                                return watch()
                            }
                            #expect(received < total && proxy.queuedBytes > 0)
                            mayCredit = true
                            tunnel.credit(held)
                        }
                    }
                    watch()
                }
                send("HTTP/1.1 200 OK\r\n\r\n", proxy)
                [UInt8](repeating: 7, count: total).withUnsafeBytes { proxy.send($0) }
                proxy.finish()
            }
        }
    }
}
