import HTTPWire
import LinuxSystem
import MeshRuntime

/// Passes one workload's questions on to its resolvers, from marked sockets in its network namespace.
///
/// Every attempt has a socket and an identifier of its own, so a forged answer must guess both (RFC 5452). Confined to the
/// DNS loop; what is under way is bounded.
final class DNSForwarder {
    /// Questions of one workload under way at once; the next one is refused.
    static let inFlightLimit = 512
    /// How long one resolver may take.
    static let attemptTimeout: Duration = .seconds(2)
    /// Rounds over all resolvers.
    static let rounds = 2
    /// The largest datagram that is read.
    static let datagramBytes = 65_535

    /// Why there is no answer.
    enum Failure: Error {
        /// No resolver is configured.
        case noResolver
        /// `inFlightLimit`.
        case tooMany
        /// Every resolver was silent or unreachable.
        case silent
    }

    private final class Question {
        let message: [UInt8]
        let question: ArraySlice<UInt8>
        let overTCP: Bool
        let completion: (Result<[UInt8], Failure>) -> Void
        var attempt = 0
        var transport: DNSUpstream?
        var timer: TimerID?

        init(
            _ message: [UInt8], _ question: ArraySlice<UInt8>, overTCP: Bool,
            _ completion: @escaping (Result<[UInt8], Failure>) -> Void
        ) {
            self.message = message
            self.question = question
            self.overTCP = overTCP
            self.completion = completion
        }
    }

    private let loop: EventLoop
    private let namespace: NetworkNamespace?
    private let mark: UInt32?
    private let servers: [SocketAddress]
    private var questions: [ObjectIdentifier: Question] = [:]
    private var random = SystemRandomNumberGenerator()

    init(loop: EventLoop, namespace: NetworkNamespace?, mark: UInt32?, resolvers: ResolverConfiguration) {
        self.loop = loop
        self.namespace = namespace
        self.mark = mark
        servers = resolvers.servers
    }

    /// Questions under way.
    var inFlight: Int { questions.count }

    /// Passes `message` on. `overTCP`: the client came over TCP and must get the answer whole.
    func forward(_ message: [UInt8], overTCP: Bool, completion: @escaping (Result<[UInt8], Failure>) -> Void) {
        guard !servers.isEmpty else { return completion(.failure(.noResolver)) }
        guard questions.count < Self.inFlightLimit else { return completion(.failure(.tooMany)) }
        guard let asked = DNSWire.question(message) else { return completion(.failure(.silent)) }
        let question = Question(message, asked, overTCP: overTCP, completion)
        questions[ObjectIdentifier(question)] = question
        attempt(question)
    }

    /// Gives everything up; nobody is answered.
    func close() {
        for question in questions.values { release(question) }
        questions = [:]
    }

    private func attempt(_ question: Question) {
        guard question.attempt < servers.count * Self.rounds else { return finish(question, .failure(.silent)) }
        let server = servers[question.attempt % servers.count]
        question.attempt += 1
        ask(question, server, stream: false)
    }

    private func ask(_ question: Question, _ server: SocketAddress, stream: Bool) {
        release(question)
        var message = question.message
        let identifier = UInt16.random(in: .min ... .max, using: &random)
        DNSWire.setIdentifier(identifier, &message)
        do throws(Errno) {
            question.transport = try DNSUpstream(
                loop: loop, server: server, namespace: namespace, mark: mark, stream: stream, message: message
            ) { [weak self, weak question] result in
                guard let self, let question else { return }
                received(question, server, result, identifier: identifier, stream: stream)
            }
        } catch {
            // Unreachable from here: the next resolver, in the next turn, so that this cannot recurse.
            question.timer = loop.schedule(after: .zero) { [weak self] in self?.attempt(question) }
            return
        }
        question.timer = loop.schedule(after: Self.attemptTimeout) { [weak self] in self?.attempt(question) }
    }

    private func received(
        _ question: Question, _ server: SocketAddress, _ result: Result<[UInt8], Errno>, identifier: UInt16,
        stream: Bool
    ) {
        guard questions[ObjectIdentifier(question)] != nil else { return }
        guard case .success(var answer) = result else { return attempt(question) }
        // An answer that does not belong to the question is thrown away; the right one may still come.
        guard DNSWire.identifier(answer) == identifier, DNSWire.answers(answer, question.question) else { return }
        if question.overTCP, !stream, DNSWire.isTruncated(answer) { return ask(question, server, stream: true) }
        DNSWire.setIdentifier(DNSWire.identifier(question.message) ?? 0, &answer)
        finish(question, .success(answer))
    }

    private func finish(_ question: Question, _ result: Result<[UInt8], Failure>) {
        release(question)
        guard questions.removeValue(forKey: ObjectIdentifier(question)) != nil else { return }
        question.completion(result)
    }

    private func release(_ question: Question) {
        question.transport?.close()
        question.transport = nil
        if let timer = question.timer { loop.cancel(timer) }
        question.timer = nil
    }
}
