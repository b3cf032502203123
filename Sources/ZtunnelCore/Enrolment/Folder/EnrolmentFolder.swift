import Glibc
import LinuxSystem
package import MeshRuntime
import MeshTelemetry
package import NodeCore

/// The enrolments that an administrator keeps as files in /etc/ambit/enroll.d: what the files ask for is enrolled, what they no
/// longer ask for is taken out.
///
/// Confined to the control loop. The folder is read again when the kernel reports a change, and every `interval`, which also
/// tries again what could not be enrolled. A file that cannot be read changes nothing: what it asked for before stays.
package final class EnrolmentFolder {
    /// How often the folder is read without a reason.
    package static let interval: Duration = .seconds(5)
    /// How long changes are gathered: editors write a file in several steps.
    package static let delay: Duration = .milliseconds(100)
    /// Files that are read.
    package static let fileLimit = 1024

    private let path: String
    private let loop: EventLoop
    private let enrolments: EnrolmentController
    private let log: NodeLog
    private var watch: DescriptorWatch?
    private var isDue = false
    /// What is wrong with files, by path, and with enrolments that they ask for, by uid.
    private var fileProblems: [String: String] = [:]
    private var refusals: [String: String] = [:]

    /// Reads the files of the folder `path`, which need not exist.
    package init(path: String, loop: EventLoop, enrolments: EnrolmentController, log: NodeLog) {
        self.path = path
        self.loop = loop
        self.enrolments = enrolments
        self.log = log
    }

    /// Reads the folder and goes on watching it.
    package func start() {
        reconcile()
        schedule()
    }

    private func schedule() {
        _ = loop.schedule(after: Self.interval) { [weak self] in
            guard let self, enrolments.orders != .ended else { return }
            reconcile()
            schedule()
        }
    }

    private func watchFolder() {
        guard watch == nil, access(path, F_OK) == 0 else { return }
        do throws(Errno) {
            let events = try FolderEvents()
            try events.watch(path)
            watch = try DescriptorWatch(loop: loop, events.release()) { [weak self] _ in self?.changed() }
        } catch {
            // The kernel has no watches left: the folder is read every `interval`.
            watch = nil
        }
    }

    private func changed() {
        if let raw = watch?.raw { FolderEvents.drain(raw) }
        if access(path, F_OK) != 0 {
            watch?.close()
            watch = nil
        }
        guard !isDue else { return }
        isDue = true
        _ = loop.schedule(after: Self.delay) { [weak self] in
            guard let self, enrolments.orders != .ended else { return }
            isDue = false
            reconcile()
        }
    }

    private func reconcile() {
        watchFolder()
        let found: [EnrolmentFile]
        do throws(StateDirectoryError) {
            found = try EnrolmentFile.all(in: path, limit: Self.fileLimit)
        } catch {
            return noteFiles([path: "the folder \(path) is not read, what is enrolled stays: \(error)"])
        }
        var now: [String: String] = [:]
        var wanted: [String: EnrolmentRecord] = [:]
        var unread: Set<String> = []
        for file in found {
            switch file.content {
            case .failure(let problem):
                now[file.path] = problem.description
                unread.insert(file.path)
            case .success(let records):
                for record in records {
                    if let other = wanted[record.uid] {
                        now[file.path] =
                            "\(file.path): \(record.uid) is enrolled by \(other.source) already; remove one"
                    } else {
                        wanted[record.uid] = record
                    }
                }
            }
        }
        noteFiles(now)
        refusals = refusals.filter { wanted[$0.key] != nil }
        for status in enrolments.statuses {
            let record = status.record
            guard !record.source.isEmpty, !unread.contains(record.source) else { continue }
            guard let mine = wanted[record.uid] else {
                remove(record)
                continue
            }
            // Who it is and where it is cannot change while it is served.
            if mine.target != record.target || mine.serviceAccount != record.serviceAccount { remove(record) }
        }
        for (_, record) in wanted.sorted(by: { $0.key < $1.key }) { enrol(record) }
    }

    private func enrol(_ record: EnrolmentRecord) {
        if let there = enrolments.record(record.uid), there.isAsked(by: record) { return }
        enrolments.enrol(record) { [weak self] result in
            switch result {
            case .success: self?.note(record, nil)
            // While something is being done to it, it is tried again.
            case .failure(let error): if error.code != .unavailable { self?.note(record, error) }
            }
        }
    }

    private func remove(_ record: EnrolmentRecord) {
        enrolments.unenrol(namespace: record.namespace, name: record.name, source: record.source) {
            [weak self] result in
            switch result {
            case .success: self?.changed()
            case .failure(let error): if error.code != .unavailable { self?.note(record, error) }
            }
        }
    }

    private func note(_ record: EnrolmentRecord, _ error: EnrolmentError?) {
        let problem = error.map { "\(record.source): \(record.uid): \($0)" }
        // The same trouble every few seconds is one line in the log.
        if let problem, refusals[record.uid] != problem { log(.error, problem) }
        refusals[record.uid] = problem
        publish()
    }

    private func noteFiles(_ now: [String: String]) {
        for (file, problem) in now where fileProblems[file] != problem { log(.error, problem) }
        fileProblems = now
        publish()
    }

    private func publish() {
        enrolments.fileProblems = fileProblems.values.sorted() + refusals.values.sorted()
    }
}
