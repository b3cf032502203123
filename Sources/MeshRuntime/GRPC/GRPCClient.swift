package import HTTPWire
import LinuxSystem
package import TLSEngine

/// A gRPC client over one TLS + HTTP/2 connection to one server: unary and streaming calls.
///
/// Owns the connection. Confined to its loop. It connects when there is a call, and again with the next call after the
/// connection was lost; when to try again is the caller's decision, so a failed connect ends the calls that waited for it.
package final class GRPCClient {
    private enum State {
        case idle
        case connecting
        case open(Tunnel)
        case closed
    }

    private let loop: EventLoop
    private let resolver: HostResolver
    private let host: String
    private let port: UInt16
    private let configuration: GRPCClientConfiguration
    private let context: () -> Result<TLSContext, GRPCStatus>
    private let mark: UInt32?
    private var state = State.idle
    private var waiting: [GRPCStream] = []
    private var deadline: MonotonicTime?

    /// `host:port`, for messages and as `:authority`.
    package let target: String

    /// A client of `host:port`. `context` is asked for before every connect, so that renewed files come into use; it must verify
    /// the server by its name. `mark` is set on the socket (SO_MARK).
    package init(
        loop: EventLoop, resolver: HostResolver, host: String, port: UInt16, configuration: GRPCClientConfiguration,
        context: @escaping () -> Result<TLSContext, GRPCStatus>,
        mark: UInt32? = nil
    ) {
        self.loop = loop
        self.resolver = resolver
        self.host = host
        self.port = port
        self.configuration = configuration
        self.context = context
        self.mark = mark
        target = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// Begins a call of many messages in both directions. `onEnd` is called once, unless the call is cancelled; nothing is called
    /// before this returns.
    package func stream(
        _ path: String, headers: [(name: String, value: String)] = [], onMessage: @escaping ([UInt8]) -> Void,
        onEnd: @escaping (GRPCStatus) -> Void
    ) -> GRPCStream {
        let call = GRPCStream(
            path: path, headers: headers, timeout: nil, maximumMessageSize: configuration.maximumMessageSize,
            onMessage: onMessage, onEnd: onEnd)
        begin(call)
        return call
    }

    /// Makes a call of one message each way. `completion` is called once, at the latest after `timeout`, never before this returns.
    package func unary(
        _ path: String, _ message: [UInt8], headers: [(name: String, value: String)] = [], timeout: Duration,
        completion: @escaping (Result<[UInt8], GRPCStatus>) -> Void
    ) {
        var answer: [UInt8]?
        var timer: TimerID?
        let call = GRPCStream(
            path: path, headers: headers, timeout: timeout, maximumMessageSize: configuration.maximumMessageSize,
            onMessage: { answer = $0 },
            onEnd: { [loop] status in
                if let timer { loop.cancel(timer) }
                guard status.code == .ok else { return completion(.failure(status)) }
                guard let answer else {
                    return completion(
                        .failure(GRPCStatus(code: .internalError, message: "the server answered without a message")))
                }
                completion(.success(answer))
            })
        timer = loop.schedule(after: timeout) {
            call.finish(GRPCStatus(code: .deadlineExceeded, message: "no answer within \(timeout)"))
        }
        call.send(message, isLast: true)
        begin(call)
    }

    /// New calls go over a new connection, made with what `context` gives then; the present one ends with its last call.
    package func reconnect() {
        guard case .open(let tunnel) = state else { return }
        state = .idle
        tunnel.drain()
    }

    /// Ends the connection and every call.
    package func close() {
        if case .open(let tunnel) = state { tunnel.close(.noError) }
        state = .closed
        fail(GRPCStatus(code: .cancelled, message: "the client was closed"))
    }

    private func begin(_ call: GRPCStream) {
        switch state {
        case .open(let tunnel) where tunnel.isOpenForNewStreams:
            // In the next turn, so that nothing is called before the caller has its handle.
            loop.schedule(after: .zero) { [self] in startOrWait(call) }
        case .idle, .open, .connecting: startOrWait(call)
        case .closed:
            loop.schedule(after: .zero) {
                call.finish(GRPCStatus(code: .cancelled, message: "the client was closed"))
            }
        }
    }

    private func startOrWait(_ call: GRPCStream) {
        if case .open(let tunnel) = state, tunnel.isOpenForNewStreams {
            return call.start(on: tunnel, authority: target, userAgent: configuration.userAgent)
        }
        waiting.removeAll(where: \.isOver)
        guard waiting.count < configuration.waitingCalls else {
            loop.schedule(after: .zero) {
                call.finish(GRPCStatus(code: .resourceExhausted, message: "too many calls wait for the connection"))
            }
            return
        }
        waiting.append(call)
        if case .connecting = state { return }
        // A connection that takes no more calls is left to finish those that it has.
        connect()
    }

    private func connect() {
        state = .connecting
        deadline = loop.now + configuration.connectTimeout
        resolver.resolve(host, port: port, on: loop) { [weak self] result in
            guard let self, case .connecting = state else { return }
            switch result {
            // Never within the call that began it: the next turn.
            case .success(let addresses): loop.schedule(after: .zero) { [weak self] in self?.dial(addresses[...]) }
            case .failure(let failure): lost("\(failure)")
            }
        }
    }

    private func dial(_ addresses: ArraySlice<SocketAddress>, after failure: String = "") {
        guard case .connecting = state else { return }
        guard let address = addresses.first else { return lost(failure) }
        let remaining = (deadline ?? loop.now) - loop.now
        guard remaining > .zero else { return lost("\(target): no connection within \(configuration.connectTimeout)") }
        let tls: TLSContext
        switch context() {
        case .success(let made): tls = made
        case .failure(let status):
            state = .idle
            return fail(status)
        }
        do throws(Errno) {
            let socket = try Socket.tcp(for: address)
            if let mark { try Socket.setMark(socket.raw, mark) }
            let isName = addresses.first.map { $0.ipText != host } ?? false
            Tunnel.dial(
                loop: loop, socket: socket, to: address, tls: tls, serverName: isName ? host : nil,
                expectedIdentities: nil, configuration: configuration.http2, timeout: remaining
            ) { [weak self] result in
                switch result {
                case .success(let tunnel): self?.opened(tunnel)
                case .failure(let failure): self?.dial(addresses.dropFirst(), after: "\(failure)")
                }
            }
        } catch {
            dial(addresses.dropFirst(), after: "\(address): \(error)")
        }
    }

    private func opened(_ tunnel: Tunnel) {
        guard case .connecting = state else { return tunnel.close(.noError) }
        state = .open(tunnel)
        tunnel.onClosed = { [weak self, weak tunnel] _ in
            guard let self, case .open(let current) = state, current === tunnel else { return }
            state = .idle
        }
        let calls = waiting
        waiting = []
        for call in calls { startOrWait(call) }
    }

    private func lost(_ reason: String) {
        state = .idle
        fail(GRPCStatus(code: .unavailable, message: reason))
    }

    private func fail(_ status: GRPCStatus) {
        let calls = waiting
        waiting = []
        for call in calls { call.finish(status) }
    }
}
