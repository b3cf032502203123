import HTTPWire
package import LinuxSystem
import MeshModel
package import MeshRuntime
import MeshTelemetry
package import NodeCore

/// The workloads enrolled on this node: takes them in, keeps them across restarts of ztunnel and of the workload, and
/// lets them go without residue.
///
/// Confined to the control loop. Whatever enters a network namespace runs on the namespace thread, one thing at a time; a
/// workload that something is being done to is `busy` and takes no second order.
package final class EnrolmentController {
    /// Workloads that one node takes.
    package static let workloadLimit = 1024
    /// How often namespaces are looked at: those that were missing, and those that may have gone or changed addresses.
    package static let checkInterval: Duration = .seconds(5)

    /// The answer to an order.
    package typealias Completion = (Result<EnrolmentStatus, EnrolmentError>) -> Void

    /// Whether orders are taken.
    enum Orders {
        /// They are.
        case taken
        /// Not while one generation hands over to the next.
        case frozen
        /// Not any more.
        case ended
    }

    enum Phase {
        /// Something is being done to it on the namespace thread.
        case busy
        /// It cannot be served now; it is tried again.
        case waiting(String)
        /// Served.
        case serving(WorkloadFacts)
    }

    struct Entry {
        var record: EnrolmentRecord
        var phase: Phase
        var addresses: [IPAddress] = []
    }

    /// How many workloads are served, wait, were started and were stopped (Z 8.1, workload_manager_*).
    package struct Counters: Sendable {
        /// Served now.
        package var active = 0
        /// Waiting now.
        package var pending = 0
        /// Begun since the start.
        package var started: UInt64 = 0
        /// Ended since the start.
        package var stopped: UInt64 = 0
    }

    let loop: EventLoop
    let namespaces: LoopThread
    var setup: WorkloadSetup
    let files: EnrolmentFiles
    let certificates: CertificateRenewal
    let trustDomain: String
    /// Whether our sockets carry the mark by which the rules know them.
    let hasMark: Bool
    let lookup: TargetLookup
    let log: NodeLog
    var entries: [String: Entry] = [:]
    /// Workloads that were taken out, by uid, and what is still done for them.
    var leavers: [String: Leaver] = [:]
    /// How many times each workload's data path is letting go: once for each time that it was taken out.
    var drains: [String: Int] = [:]
    let leavingFiles: EnrolmentFiles
    let leaveDeadline: Duration
    /// Whether processes that ztunnel has replaced carry connections still.
    package var hasOlderGenerations: () -> Bool = { false }
    var started: UInt64 = 0
    var stopped: UInt64 = 0
    var orders = Orders.taken
    /// Why each workload that waits was not served last.
    var lastCodes: [String: EnrolmentError.Code] = [:]
    /// What is wrong with the files of enroll.d, for those who ask for the enrolments.
    package var fileProblems: [String] = []
    /// The namespaces of workloads that are being put in place: theirs already, though nothing is served yet.
    var placing: [String: NetworkNamespace.Identity] = [:]
    /// The trouble of each workload that was logged last.
    var lastProblems: [String: String] = [:]

    /// Called after every change of what is served, on the control loop.
    package var onChange: () -> Void = {}
    /// Who has a network namespace, or a workload's name, by another way than enrolment (ZDS); nil if nobody.
    package var holder: (_ of: NetworkNamespace.Identity?, EnrolmentRecord) -> String? = { _, _ in nil }

    /// Serves nothing yet; `restore` takes in what the disk knows. `isTakingOver`: another process serves the workloads
    /// still; orders are taken, and rules loaded, from `unfreeze` on.
    package init(
        loop: EventLoop, namespaces: LoopThread, dataPath: any WorkloadServing, names: (any NameServing)?,
        files: EnrolmentFiles, leavingFiles: EnrolmentFiles, certificates: CertificateRenewal,
        configuration: NodeConfiguration, host: HostView = HostView(), log: NodeLog, isTakingOver: Bool = false
    ) {
        orders = isTakingOver ? .frozen : .taken
        self.loop = loop
        self.namespaces = namespaces
        setup = WorkloadSetup(
            dataPath: dataPath, names: names, excludedInterfaces: configuration.excludedInterfaces,
            loadsKnownRules: !isTakingOver, host: host,
            captured: CapturedHost(
                excludedInterfaces: configuration.excludedInterfaces, host: host, isHeld: isTakingOver))
        lookup = TargetLookup(host, addresses: configuration.hostAddresses)
        self.files = files
        self.leavingFiles = leavingFiles
        leaveDeadline = configuration.upgradeDrainDeadline
        self.certificates = certificates
        trustDomain = configuration.trustDomain
        hasMark = configuration.dataPlane.packetMark == PacketMarks.proxy
        self.log = log
    }

    /// All enrolments, by namespace and name.
    package var statuses: [EnrolmentStatus] { entries.keys.sorted().compactMap(status) }

    /// What the metrics page shows.
    package var counters: Counters {
        var counters = Counters(started: started, stopped: stopped)
        for entry in entries.values {
            if case .serving = entry.phase { counters.active += 1 } else { counters.pending += 1 }
        }
        return counters
    }

    /// Takes in what was enrolled when ztunnel last ran, and begins to look after it.
    package func restore() {
        let (records, problems) = files.load()
        for problem in problems { log(.error, problem) }
        let known = records.prefix(Self.workloadLimit)
        // The rules of all of them at once: one after the other, the first would let the traffic of the rest go by.
        restoreCapture(Array(known))
        for record in known {
            entries[record.uid] = Entry(record: record, phase: .busy)
            certificates.host(record.identity(trustDomain: trustDomain))
            start(record.uid, isKnown: true) { _ in }
        }
        restoreLeavers()
        scheduleCheck()
    }

    /// Takes in a workload. The same order twice is one order.
    package func enrol(_ record: EnrolmentRecord, completion: @escaping Completion) {
        do throws(EnrolmentError) {
            try admitOrder()
            guard let entry = entries[record.uid] else { return try begin(try pinned(record), completion) }
            try Self.check(record, source: entry.record)
            switch entry.phase {
            case .busy: throw Self.busy(record.uid)
            case .serving(let facts):
                try Self.check(record, against: entry.record)
                try update(record, keeping: entry.record)
                if case .host(let facts) = facts { follow(record.uid, facts) }
                completion(statusResult(record.uid))
            case .waiting:
                guard record.serviceAccount == entry.record.serviceAccount else {
                    throw Self.otherIdentity(record, entry.record)
                }
                try update(try pinned(record), keeping: entry.record)
                entries[record.uid]?.phase = .busy
                start(record.uid, isKnown: true, completion)
            }
        } catch {
            completion(.failure(error))
        }
    }

    /// Lets a workload go: nothing new of it is captured, and what is open goes on. `source` is the file that kept it, empty for
    /// an order of `ambitctl`.
    package func unenrol(
        namespace: String, name: String, source: String = "", completion: @escaping Completion
    ) {
        let uid = "\(namespace)/\(name)"
        do throws(EnrolmentError) {
            try admitOrder()
        } catch {
            return completion(.failure(error))
        }
        guard let entry = entries[uid] else { return completion(.failure(Self.unknown(uid))) }
        if source.isEmpty, !entry.record.source.isEmpty {
            return completion(
                .failure(
                    EnrolmentError(
                        .conflict, "\(uid) is enrolled by the file \(entry.record.source)", remedy: "remove that file"))
            )
        }
        if case .busy = entry.phase { return completion(.failure(Self.busy(uid))) }
        entries[uid]?.phase = .busy
        guard case .serving(let facts) = entry.phase else { return uncapture(uid, completion) }
        release(uid, facts, completion)
    }

    /// Takes no more orders; what is enrolled stays captured, so that nothing goes out in the clear.
    package func stop() {
        orders = .ended
    }
}
