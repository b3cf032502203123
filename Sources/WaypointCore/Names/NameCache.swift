import HTTPWire
import LinuxSystem
import MeshRuntime
import NameResolution

/// The addresses of endpoints that are known by a host name, as one worker has resolved them. Confined to its loop.
///
/// An answer is used for as long as its records say, within `shortest` and `longest`; after that the next one who wants it waits for a
/// new one, at most `patience` where there is an old one. The last good answer is kept while names cannot be resolved: a server
/// that was there a minute ago is better than none.
final class NameCache {
    /// Called once, perhaps before `addresses` returns.
    typealias Completion = (Result<[SocketAddress], NameFailure>) -> Void
    /// Asks for a name.
    typealias Ask = (String, @escaping NameResolver.Completion) -> Void

    /// Names that are remembered; of more, those that were not used for longest are forgotten.
    static let capacity = 4_096
    /// The shortest use of an answer, whatever it says: a record may say 0.
    static let shortest = Duration.seconds(1)
    /// The longest.
    static let longest = Duration.seconds(3_600)
    /// How long a new answer is waited for where there is an old one.
    static let patience = Duration.seconds(1)
    /// After how long a name is asked for again that could not be resolved.
    static let pause = Duration.seconds(5)

    private let loop: EventLoop
    private let ask: Ask
    private let log: (String) -> Void
    private var known: [String: KnownName] = [:]
    /// Counts each answer: nil for a good one.
    var onAnswer: ((NameFailure.Reason?) -> Void)?

    init(loop: EventLoop, log: @escaping (String) -> Void, ask: @escaping Ask) {
        self.loop = loop
        self.log = log
        self.ask = ask
    }

    private var now: Duration { .nanoseconds(Int64(clamping: loop.now.nanoseconds)) }

    /// Finds the addresses of a name, the one to try first at the beginning. Their ports are 0.
    func addresses(of name: String, completion: @escaping Completion) {
        var entry = known[name] ?? KnownName()
        entry.used = now
        if !entry.addresses.isEmpty, now < entry.expiry {
            let found = entry.next()
            known[name] = entry
            return completion(.success(found))
        }
        entry.waiting.append(completion)
        known[name] = entry
        refresh(name)
        makeRoom(except: name)
    }

    /// Grows when connections that were made to a name's addresses are of no more use. Sees to it that a name that is in use is asked
    /// for again when its time is over.
    func generation(of name: String) -> UInt64 {
        guard let entry = known[name] else { return 0 }
        known[name]?.used = now
        if now >= entry.expiry, !entry.addresses.isEmpty { refresh(name) }
        return known[name]?.generation ?? 0
    }

    /// Names that are remembered.
    var count: Int { known.count }

    private func refresh(_ name: String) {
        guard var entry = known[name], !entry.isAsking else { return }
        entry.isAsking = true
        if !entry.addresses.isEmpty {
            entry.timer = loop.schedule(after: Self.patience) { [weak self] in self?.lostPatience(name) }
        }
        known[name] = entry
        ask(name) { [weak self] in self?.answered(name, $0) }
    }

    private func answered(_ name: String, _ answer: Result<ResolvedName, NameFailure>) {
        guard var entry = known[name] else { return }
        entry.isAsking = false
        if let timer = entry.timer { loop.cancel(timer) }
        entry.timer = nil
        var failure: NameFailure?
        switch answer {
        case .success(let found):
            if Set(found.addresses) != Set(entry.addresses) {
                entry.generation += 1
                entry.addresses = found.addresses
                entry.turn = found.addresses.count - 1
            }
            entry.expiry = now + min(max(found.timeToLive, Self.shortest), Self.longest)
        case .failure(let reason):
            failure = reason
            entry.expiry = now + Self.pause
            let rest = entry.addresses.isEmpty ? "" : ", its last addresses are used"
            log("\(reason)\(rest)")
        }
        onAnswer?(failure?.reason)
        serve(name, &entry, failure)
    }

    private func lostPatience(_ name: String) {
        guard var entry = known[name] else { return }
        entry.timer = nil
        serve(name, &entry, nil)
    }

    private func serve(_ name: String, _ entry: inout KnownName, _ failure: NameFailure?) {
        let waiting = entry.waiting
        entry.waiting = []
        let answers = waiting.map { _ in entry.next() }
        known[name] = entry
        for (completion, addresses) in zip(waiting, answers) {
            if addresses.isEmpty {
                completion(.failure(failure ?? NameFailure(.unreachable, "\(name) has no address")))
            } else {
                completion(.success(addresses))
            }
        }
    }

    private func makeRoom(except name: String) {
        guard known.count > Self.capacity else { return }
        let free = known.filter { $0.key != name && !$0.value.isAsking }
        guard let oldest = free.min(by: { $0.value.used < $1.value.used })?.key else { return }
        known[oldest] = nil
    }
}
