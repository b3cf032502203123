import HTTPWire
import LinuxSystem
import MeshRuntime
import NameResolution

/// The addresses of endpoints that are known by a host name, as one worker has resolved them. Confined to its loop.
///
/// An answer is used for as long as its records say, within `shortest` and `longest`. Then a name that is watched is asked for again;
/// of others, the next one who wants it waits for a new answer, at most `patience` where there is an old one. The last good answer is
/// kept while names cannot be resolved: a server that was there a minute ago is better than none.
final class NameCache {
    /// Called once, perhaps before `addresses` returns.
    typealias Completion = (Result<[SocketAddress], NameFailure>) -> Void
    /// Asks for a name.
    typealias Ask = (String, @escaping NameResolver.Completion) -> Void

    /// Names that are remembered without being watched; of more, those that were not used for longest are forgotten.
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
    /// A name has more addresses than may be used.
    var onLimit: (() -> Void)?

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
            let found = entry.inTurn()
            known[name] = entry
            return completion(.success(found))
        }
        entry.waiting.append(completion)
        known[name] = entry
        refresh(name)
        makeRoom(except: name)
    }

    /// Sees to it that a name's addresses stay new, and tells of each change after this call.
    func watch(_ name: String, changed: @escaping () -> Void) -> NameWatch {
        let watch = NameWatch(name, of: self, changed: changed)
        var entry = known[name] ?? KnownName()
        if entry.watches.isEmpty { entry.isCurrent = !entry.addresses.isEmpty && now < entry.expiry }
        known[name] = entry
        if !entry.isCurrent { refresh(name) }
        known[name]?.watches.append(watch)
        plan(name)
        return watch
    }

    /// The addresses of a name that is watched, in the order of its answer; none before there is an answer of this time.
    func current(_ name: String) -> [SocketAddress] {
        guard let entry = known[name], entry.isCurrent else { return [] }
        return entry.addresses
    }

    func forget(_ watch: NameWatch) {
        guard var entry = known[watch.name] else { return }
        entry.watches.removeAll { $0 === watch }
        entry.used = now
        known[watch.name] = entry
        plan(watch.name)
        makeRoom(except: watch.name)
    }

    /// Names that are remembered.
    var count: Int { known.count }

    /// Asks again when the answer is over, if anybody watches the name.
    private func plan(_ name: String) {
        guard var entry = known[name] else { return }
        if let next = entry.next { loop.cancel(next) }
        entry.next = nil
        if !entry.watches.isEmpty, !entry.isAsking {
            entry.next = loop.schedule(after: max(entry.expiry - now, .zero)) { [weak self] in
                self?.known[name]?.next = nil
                self?.refresh(name)
            }
        }
        known[name] = entry
    }

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
        var isNews = !entry.isCurrent
        entry.isCurrent = true
        switch answer {
        case .success(let found):
            entry.failure = nil
            if Set(found.addresses) != Set(entry.addresses) {
                isNews = true
                entry.addresses = found.addresses
                entry.turn = found.addresses.count - 1
                if found.dropped > 0 {
                    log(
                        "\(name) has \(found.addresses.count + found.dropped) addresses: \(found.addresses.count) are used"
                    )
                    onLimit?()
                }
            }
            entry.expiry = now + min(max(found.timeToLive, Self.shortest), Self.longest)
        case .failure(let reason):
            failure = reason
            entry.expiry = now + Self.pause
            let rest = entry.addresses.isEmpty ? "" : ", its last addresses are used"
            // A name that is watched is asked for all the time.
            if entry.failure != reason.reason { log("\(reason)\(rest)") }
            entry.failure = reason.reason
        }
        onAnswer?(failure?.reason)
        serve(name, &entry, failure)
        plan(name)
        if isNews { for watch in entry.watches { watch.changed() } }
    }

    private func lostPatience(_ name: String) {
        guard var entry = known[name] else { return }
        entry.timer = nil
        serve(name, &entry, nil)
    }

    private func serve(_ name: String, _ entry: inout KnownName, _ failure: NameFailure?) {
        let waiting = entry.waiting
        entry.waiting = []
        let answers = waiting.map { _ in entry.inTurn() }
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
        let free = known.filter { $0.key != name && !$0.value.isAsking && $0.value.watches.isEmpty }
        guard let oldest = free.min(by: { $0.value.used < $1.value.used })?.key else { return }
        known[oldest] = nil
    }
}
