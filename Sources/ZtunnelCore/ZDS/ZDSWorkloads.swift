import LinuxNetfilter
package import LinuxSystem
import MeshAPI
import MeshModel
package import MeshRuntime
import MeshTelemetry
package import NodeCore
import SwiftProtobuf

/// The workloads that the node agent gave (Z 6.2): listeners in their network namespaces, and no capture rules, which
/// the agent loads itself.
///
/// Confined to the control loop. Orders are worked on one after the other, in order; what enters a namespace runs on the
/// namespace thread. Nothing is kept on the disk: after a restart the agent names its workloads again.
package final class ZDSWorkloads {
    /// How often workloads that could not be served are tried again, and the addresses of the served are read again.
    package static let retryInterval: Duration = .seconds(5)
    /// Workloads that are taken.
    package static let limit = EnrolmentController.workloadLimit

    /// The answer to an order: nil, or why it was not done.
    package typealias Completion = (ZDSProblem?) -> Void

    private enum Phase {
        case starting
        case serving
        /// Tried again; the reason is shown.
        case pending(String)
    }

    private struct Entry {
        let reference: WorkloadReference
        let namespace: NetworkNamespace
        var phase: Phase
        var addresses: [IPAddress] = []
        /// What was logged last: the same trouble every few seconds is one line.
        var lastTrouble: String?
        /// Counts up: the younger of two with one name is reported.
        let age: UInt64
    }

    private let loop: EventLoop
    private let namespaces: LoopThread
    private let listeners: WorkloadListeners
    private let certificates: CertificateRenewal
    private let trustDomain: String
    private let log: NodeLog
    private var entries: [String: Entry] = [:]
    private var orders: [(_ done: @escaping () -> Void) -> Void] = []
    private var isBusy = false
    private var isStopped = false
    private var isRetrying = false
    private var ages: UInt64 = 0

    /// Begun and ended since the start.
    package private(set) var started: UInt64 = 0
    package private(set) var stopped: UInt64 = 0
    /// Called after every change of what is served.
    package var onChange: () -> Void = {}
    /// Who else has a network namespace or a name on this node: a sentence about it, nil if nobody.
    package var conflict: (NetworkNamespace.Identity, WorkloadReference) -> String? = { _, _ in nil }

    /// Serves nothing yet.
    package init(
        loop: EventLoop, namespaces: LoopThread, dataPath: any WorkloadServing, names: (any NameServing)?,
        certificates: CertificateRenewal, trustDomain: String, log: NodeLog
    ) {
        self.loop = loop
        self.namespaces = namespaces
        listeners = WorkloadListeners(dataPath: dataPath, names: names)
        self.certificates = certificates
        self.trustDomain = trustDomain
        self.log = log
    }

    /// Begins to look after what could not be served.
    package func start() {
        _ = loop.schedule(after: Self.retryInterval) { [weak self] in
            guard let self, !isStopped else { return }
            check()
            start()
        }
    }

    /// Takes no more orders. What is served is left to the data path's drain.
    package func stop() {
        isStopped = true
        orders = []
    }

    // MARK: what is known

    /// Those that are served.
    package var servedCount: Int { entries.values.count { if case .serving = $0.phase { true } else { false } } }
    /// Those that are not served.
    package var pendingCount: Int { entries.count - servedCount }

    /// As the reports and dumps show them; of two with one name the younger.
    package var statuses: [EnrolmentStatus] {
        var youngest: [String: (uid: String, entry: Entry)] = [:]
        for (uid, entry) in entries {
            let key = "\(entry.reference.namespace)/\(entry.reference.name)"
            if let other = youngest[key], other.entry.age > entry.age { continue }
            youngest[key] = (uid, entry)
        }
        return youngest.sorted { $0.key < $1.key }.compactMap { Self.status($0.value.uid, $0.value.entry) }
    }

    /// Who holds a network namespace, nil if none of these.
    package func holder(of namespace: NetworkNamespace.Identity) -> String? {
        held.first { $0.value.namespace.identity == namespace }.map { "\($0.value.reference.text) (ZDS)" }
    }

    /// Those that have their network namespace. One that is only pending keeps nobody else out, or two would wait for each
    /// other for ever.
    private var held: [String: Entry] {
        entries.filter { if case .pending = $0.value.phase { false } else { true } }
    }

    /// Whether a workload of this name is here.
    package func has(namespace: String, name: String) -> Bool {
        held.values.contains { $0.reference.namespace == namespace && $0.reference.name == name }
    }

    private static func status(_ uid: String, _ entry: Entry) -> EnrolmentStatus? {
        let record = try? EnrolmentRecord(
            .with {
                $0.kind = "netns"
                $0.target = "/zds/\(uid)"
                $0.name = entry.reference.name
                $0.namespace = entry.reference.namespace
                $0.serviceAccount = entry.reference.serviceAccount
            })
        let problem: String? =
            switch entry.phase {
            case .serving: nil
            case .starting: "it is being worked on"
            case .pending(let reason): reason
            }
        return record.map {
            EnrolmentStatus(record: $0, addresses: entry.addresses, problem: problem, namespace: entry.namespace)
        }
    }

    // MARK: orders

    /// Serves a workload. The same one in the same namespace is served already; in another namespace, or under another
    /// name, it is stopped there first. What cannot be served stays pending, and `completion` says why.
    package func serve(
        _ uid: String, _ reference: WorkloadReference, in namespace: NetworkNamespace, completion: @escaping Completion
    ) {
        order { [weak self] done in
            guard let self else { return done() }
            let finish: Completion = { problem in
                completion(problem)
                done()
            }
            guard let entry = entries[uid] else { return enter(uid, reference, namespace, finish) }
            if entry.namespace.identity == namespace.identity, entry.reference == reference {
                if case .serving = entry.phase { return finish(nil) }
                return begin(uid, finish)
            }
            end(uid) { [weak self] in
                guard let self else { return finish(nil) }
                enter(uid, reference, namespace, finish)
            }
        }
    }

    /// Sees that a workload is served, or at least pending.
    package func keep(_ uid: String, completion: @escaping Completion) {
        order { [weak self] done in
            let isKnown = self?.entries[uid] != nil
            completion(isKnown ? nil : .refused("workload \(uid) is not served here; send add with its namespace"))
            done()
        }
    }

    /// Stops serving a workload at once; one that is not here is gone already.
    package func remove(_ uid: String, completion: @escaping Completion) {
        order { [weak self] done in
            let finish = {
                completion(nil)
                done()
            }
            guard let self, entries[uid] != nil else { return finish() }
            end(uid, finish)
        }
    }

    /// Stops serving all but `uids`.
    package func retain(_ uids: Set<String>, completion: @escaping Completion) {
        order { [weak self] done in
            self?.endNext(of: Set(self?.entries.keys.map(\.self) ?? []).subtracting(uids)) {
                completion(nil)
                done()
            }
        }
    }

    /// Forgets what could not be served: a new connection names it again.
    package func forgetPending() {
        order { [weak self] done in
            guard let self else { return done() }
            for (uid, entry) in entries {
                if case .pending = entry.phase { forget(uid) }
            }
            onChange()
            done()
        }
    }

    private func order(_ body: @escaping (_ done: @escaping () -> Void) -> Void) {
        guard !isStopped else { return }
        orders.append(body)
        runNext()
    }

    private func runNext() {
        guard !isBusy, !orders.isEmpty else { return }
        isBusy = true
        orders.removeFirst()({ [weak self] in
            guard let self else { return }
            isBusy = false
            runNext()
        })
    }

    // MARK: steps

    private func enter(
        _ uid: String, _ reference: WorkloadReference, _ namespace: NetworkNamespace, _ completion: @escaping Completion
    ) {
        guard entries.count < Self.limit else {
            return completion(.refused("\(Self.limit) workloads are served on this node, which is the limit"))
        }
        ages &+= 1
        entries[uid] = Entry(reference: reference, namespace: namespace, phase: .starting, age: ages)
        certificates.host(reference.identity(trustDomain: trustDomain))
        begin(uid, completion)
    }

    /// Tries to serve an entry; it is `serving` or `pending` afterwards.
    private func begin(_ uid: String, _ completion: @escaping Completion) {
        guard let entry = entries[uid] else { return completion(nil) }
        entries[uid]?.phase = .starting
        let reference = entry.reference
        let holder = held.first { $0.key != uid && $0.value.namespace.identity == entry.namespace.identity }
        let taken =
            holder.map { "its network namespace is served already, for \($0.key)" }
            ?? conflict(entry.namespace.identity, reference)
        if let taken { return failed(uid, taken, completion) }
        let listeners = listeners
        let namespace = entry.namespace
        let trustDomain = trustDomain
        onNamespaceThread({ () throws(EnrolmentError) -> [IPAddress] in
            let facts = try NamespaceFacts.read(namespace, name: uid)
            try listeners.open(
                LocalWorkload(
                    uid: Self.local(uid), name: reference.name, namespace: reference.namespace,
                    serviceAccount: reference.serviceAccount, trustDomain: trustDomain, place: .namespace(namespace),
                    addresses: facts.addresses), resolverFiles: ["/etc/resolv.conf"])
            return facts.addresses
        }) { workloads, result in
            switch result {
            case .success(let addresses): workloads.serving(uid, addresses, completion)
            case .failure(let error): workloads.failed(uid, error.description, completion)
            }
        }
    }

    private func serving(_ uid: String, _ addresses: [IPAddress], _ completion: Completion) {
        guard let reference = entries[uid]?.reference else { return completion(nil) }
        entries[uid]?.phase = .serving
        entries[uid]?.lastTrouble = nil
        entries[uid]?.addresses = addresses
        started &+= 1
        let text = addresses.map(\.description).joined(separator: ", ")
        log(.info, "workload \(reference.text) (\(uid)) is served for the node agent (\(text))")
        onChange()
        completion(nil)
    }

    private func failed(_ uid: String, _ reason: String, _ completion: Completion) {
        if let entry = entries[uid], entry.lastTrouble != reason {
            log(.warn, "workload \(entry.reference.text) (\(uid)) of the node agent is not served: \(reason)")
        }
        entries[uid]?.lastTrouble = reason
        entries[uid]?.phase = .pending(reason)
        onChange()
        completion(.refused(reason))
    }

    private func end(_ uid: String, _ completion: @escaping () -> Void) {
        guard let entry = entries[uid] else { return completion() }
        guard case .serving = entry.phase else {
            forget(uid)
            onChange()
            return completion()
        }
        listeners.names?.remove(Self.local(uid))
        let home = LoopBound(self)
        let answer = LoopBound(completion)
        listeners.dataPath.remove(Self.local(uid), mode: .immediate) { [loop] in
            loop.submitAlways {
                home.value.stopped &+= 1
                home.value.forget(uid)
                home.value.log(.info, "workload \(entry.reference.text) (\(uid)) of the node agent is served no more")
                home.value.onChange()
                answer.value()
            }
        }
    }

    private func endNext(of uids: Set<String>, _ completion: @escaping () -> Void) {
        guard let uid = uids.first else { return completion() }
        end(uid) { [weak self] in
            guard let self else { return completion() }
            endNext(of: uids.subtracting([uid]), completion)
        }
    }

    private func forget(_ uid: String) {
        guard let entry = entries.removeValue(forKey: uid) else { return }
        certificates.leave(entry.reference.identity(trustDomain: trustDomain))
    }

    // MARK: again and again

    private func check() {
        let pending = entries.compactMap { uid, entry -> String? in if case .pending = entry.phase { uid } else { nil }
        }
        if !isRetrying { retryNext(pending[...]) }
        readAddresses()
    }

    /// One order after the other, so that the agent's own come in between.
    private func retryNext(_ uids: ArraySlice<String>) {
        isRetrying = !uids.isEmpty
        guard let uid = uids.first else { return }
        order { [weak self] done in
            let next = {
                done()
                self?.retryNext(uids.dropFirst())
            }
            guard let self, case .pending? = entries[uid]?.phase else { return next() }
            begin(uid) { _ in next() }
        }
    }

    private func readAddresses() {
        let served = entries.compactMap { uid, entry -> (String, NetworkNamespace)? in
            if case .serving = entry.phase { (uid, entry.namespace) } else { nil }
        }
        guard !served.isEmpty else { return }
        onNamespaceThread({ () throws(EnrolmentError) in
            served.map { uid, namespace in (uid, (try? NamespaceFacts.read(namespace, name: uid))?.addresses) }
        }) { workloads, result in
            guard case .success(let found) = result else { return }
            for case (let uid, let addresses?) in found {
                guard case .serving? = workloads.entries[uid]?.phase, workloads.entries[uid]?.addresses != addresses
                else { continue }
                workloads.entries[uid]?.addresses = addresses
                workloads.onChange()
            }
        }
    }

    private func onNamespaceThread<Value: Sendable>(
        _ work: @escaping @Sendable () throws(EnrolmentError) -> Value,
        then: @escaping (ZDSWorkloads, Result<Value, EnrolmentError>) -> Void
    ) {
        let home = LoopBound(self)
        let next = LoopBound(then)
        let isQueued = namespaces.loop.submit { [loop] in
            let result = Result { () throws(EnrolmentError) in try work() }
            loop.submitAlways { next.value(home.value, result) }
        }
        guard !isQueued else { return }
        then(
            self,
            .failure(
                EnrolmentError(
                    .unavailable, "too much is being done to network namespaces", remedy: "it is tried again")))
    }

    /// The workload's name in the data path: no enrolment of ours has a colon in its own.
    private static func local(_ uid: String) -> String { "zds:\(uid)" }
}
