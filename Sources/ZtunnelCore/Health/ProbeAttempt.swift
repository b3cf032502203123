import HTTPWire
import LinuxSystem
import MeshModel
import MeshRuntime
import NodeCore
import TLSEngine

/// One question to one workload: connects in the workload's network namespace, asks, and answers within the probe's time.
///
/// Confined to the probes' loop. `completion` is called at most once, never before `start` returns; `released` exactly once, with
/// the answer or with `cancel`.
final class ProbeAttempt: ProbeQuestion {
    /// Bytes that are read of one answer.
    static let answerLimit = 256 << 10
    /// What we call ourselves, as kubelet calls itself kube-probe.
    static let userAgent = "ambit-probe/\(Release.version)"

    private let loop: EventLoop
    private let target: ProbeTarget
    private let mark: UInt32?
    private let tls: () -> (TLSContext, CiphertextPool)?
    private var completion: ((ProbeAnswer) -> Void)?
    private var released: (() -> Void)?
    private var timer: TimerID?
    private var connecting: ConnectAttempt?
    private var connection: TCPConnection?
    private var exchange: (any ProbeExchange)?
    private var session: TLSSession?
    private var isHandshakeDone = false
    private var received = 0

    /// `mark` is the mark of our sockets, which the capture rules leave alone; `tls` makes the context of HTTPS probes.
    init(
        loop: EventLoop, target: ProbeTarget, mark: UInt32?, tls: @escaping () -> (TLSContext, CiphertextPool)?,
        completion: @escaping (ProbeAnswer) -> Void, released: @escaping () -> Void
    ) {
        self.loop = loop
        self.target = target
        self.mark = mark
        self.tls = tls
        self.completion = completion
        self.released = released
    }

    func start() {
        let timeout = Duration.seconds(Int64(target.probe.timeoutSeconds))
        guard let address = target.address.map({ SocketAddress($0.ip, port: $0.port) }) else {
            return fail(
                target.probe.host.isEmpty
                    ? "the workload has no address"
                    : "\(target.probe.host) is no address of the workload; correct the host of the probe")
        }
        timer = loop.schedule(after: timeout) { [weak self] in
            self?.timer = nil
            guard let self else { return }
            finish(.bad("\(address) \(missing) within \(timeout)"))
        }
        do throws(Errno) {
            let socket = try WorkloadSockets(namespace: target.namespace, mark: mark).connecting(to: address)
            connecting = TCPConnection.connect(loop: loop, socket: socket, to: address, timeout: timeout) {
                [weak self] result in
                guard let self else { return }
                connecting = nil
                switch result {
                case .success(let connection): connected(connection, address, timeout)
                case .failure(let failure): finish(.bad("connection to \(failure)"))
                }
            }
        } catch {
            fail("no socket for \(address): \(error)")
        }
    }

    /// What has not come when the time is over.
    private var missing: String {
        if connection == nil { return "did not accept a connection" }
        return session != nil && !isHandshakeDone ? "did not complete a TLS handshake" : "did not answer"
    }

    /// Gives up without an answer.
    func cancel() {
        completion = nil
        release()
        giveBack()
    }

    private func giveBack() {
        let released = released
        self.released = nil
        released?()
    }

    private func fail(_ text: String) {
        loop.schedule(after: .zero) { [self] in finish(.bad(text)) }
    }

    private func finish(_ answer: ProbeAnswer) {
        guard let completion else { return }
        self.completion = nil
        release()
        completion(answer)
        giveBack()
    }

    private func release() {
        if let timer { loop.cancel(timer) }
        timer = nil
        connecting?.cancel()
        connecting = nil
        session?.discardInput()
        session = nil
        exchange = nil
        // RST: a probe leaves no TIME_WAIT behind in the workload's namespace.
        connection?.reset()
        connection = nil
    }

    // MARK: connected

    private func connected(_ connection: TCPConnection, _ address: SocketAddress, _ timeout: Duration) {
        guard completion != nil else { return connection.reset() }
        self.connection = connection
        switch target.probe.method {
        case .tcpSocket: return finish(.good("\(address) accepts connections"))
        case .httpGet(let get):
            exchange = HTTPProbe(
                get, authority: address.description, userAgent: Self.userAgent, now: loop.now)
            if get.isTLS, !beginTLS() { return }
        case .grpc(_, let service):
            exchange = GRPCProbe(
                service: service, authority: address.description, timeout: timeout, userAgent: Self.userAgent,
                now: loop.now)
        case .exec: return fail("a command has no connection")
        }
        connection.read(
            onBytes: { [weak self] bytes in self?.receive(bytes) },
            onEnd: { [weak self] error in
                guard let self, let exchange else { return }
                finish(error.map { ProbeAnswer.bad("\(address): \($0)") } ?? exchange.ended())
            })
        if session == nil { send(exchange?.begin() ?? []) } else { advanceHandshake() }
    }

    private func receive(_ bytes: UnsafeRawBufferPointer) {
        received += bytes.count
        guard received <= Self.answerLimit else {
            return finish(.bad("the answer has more than \(Self.answerLimit) bytes"))
        }
        guard let session else { return take(bytes) }
        session.receive(bytes)
        if !isHandshakeDone { advanceHandshake() }
        if isHandshakeDone { readSession() }
    }

    private func take(_ bytes: UnsafeRawBufferPointer) {
        guard let exchange else { return }
        let (output, answer) = exchange.receive(bytes, now: loop.now)
        if let answer { return finish(answer) }
        send(output)
    }

    private func send(_ bytes: [UInt8]) {
        guard !bytes.isEmpty, completion != nil else { return }
        guard let session else {
            connection?.write(bytes)
            return
        }
        if let problem = bytes.withUnsafeBytes({ session.write($0) }) { return finish(.bad("\(problem)")) }
        sendCiphertext()
    }

    // MARK: TLS

    private func beginTLS() -> Bool {
        guard let (context, pool) = tls() else {
            fail("no TLS context can be made")
            return false
        }
        do throws(TLSError) {
            session = try TLSSession(
                client: context, serverName: nil, expectedIdentities: nil, pool: pool)
            return true
        } catch {
            fail("\(error)")
            return false
        }
    }

    private func advanceHandshake() {
        guard let session else { return }
        switch session.handshake() {
        case .incomplete, .waiting: sendCiphertext()
        case .complete:
            isHandshakeDone = true
            sendCiphertext()
            send(exchange?.begin() ?? [])
        case .failed(let error): finish(.bad("TLS: \(error)"))
        }
    }

    private func readSession() {
        var plain = [UInt8](repeating: 0, count: 16_384)
        while let session, completion != nil {
            let result = plain.withUnsafeMutableBytes { session.read(into: $0) }
            switch result {
            case .bytes(let count): plain.withUnsafeBytes { take(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            case .incomplete: return sendCiphertext()
            case .closed: return finish(exchange?.ended() ?? .bad("the connection was closed"))
            case .failed(let error): return finish(.bad("TLS: \(error)"))
            }
        }
    }

    private func sendCiphertext() {
        guard let session, session.outputCount > 0 else { return }
        connection?.write(Array(session.output))
        session.consumeOutput(session.outputCount)
    }
}
