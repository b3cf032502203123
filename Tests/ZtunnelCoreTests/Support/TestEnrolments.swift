import HTTPWire
import LinuxSystem
import MeshModel
import MeshRuntime
import MeshTelemetry
import NodeCore
import Synchronization
import Testing
import ZtunnelCore

/// Enrolment of real network namespaces on a control loop of its own, with the real data path and mesh DNS.
final class TestEnrolments: Sendable {
    let state: NodeState
    let log: TestLog
    let dataPlane: DataPlane
    private let folder: String
    private let thread: LoopThread
    private let namespaces: LoopThread
    private let names: DNSService
    private let controller: LoopBound<EnrolmentController>

    /// `folder` is the state directory; a second instance with the same one is a restart.
    init(folder: String, snapshot: MeshSnapshot = .empty, authority: TestAuthority, dnsUpstream: [String] = []) throws {
        self.folder = folder
        let log = try TestLog()
        self.log = log
        let clock: @Sendable () -> Int64 = { SystemClock.unixSeconds }
        let store = CertificateStore(clock: clock)
        state = NodeState(snapshot: snapshot, certificates: store)
        var configuration = NodeConfiguration()
        configuration.dataPlane.workers = 1
        dataPlane = try DataPlane(
            configuration: configuration.dataPlane, state: state, logger: log.logger, sink: log.sink)
        names = try DNSService(
            state: state, configuration: configuration,
            upstream: ResolverConfiguration(servers: dnsUpstream.compactMap(ResolverConfiguration.address)),
            log: NodeLog(log.logger, "dns"))
        namespaces = try LoopThread(name: "test-netns")
        let loop = try EventLoop(name: "test-enrol")
        let directory = try StateDirectory(folder)
        let renewal = CertificateRenewal(
            loop: loop, store: store, issuer: AuthorityFiles(authority), cache: nil, clock: clock,
            log: NodeLog(log.logger, "ca"))
        controller = LoopBound(
            EnrolmentController(
                loop: loop, namespaces: namespaces, dataPath: dataPlane, names: names,
                files: EnrolmentFiles(directory: try directory.inside("enrolments")),
                leavingFiles: EnrolmentFiles(directory: try directory.inside("leaving")), certificates: renewal,
                configuration: configuration, log: NodeLog(log.logger, "enrolment")))
        thread = try LoopThread(running: loop)
    }

    func restore() { perform { $0.restore() } }

    func enrol(_ name: String, target: String, account: String? = nil) throws -> Result<EnrolmentStatus, EnrolmentError>
    {
        let json =
            #"{"kind":"netns","target":"\#(target)","name":"\#(name)","namespace":"test","serviceAccount":"\#(account ?? name)"}"#
        let record = try EnrolmentRecord(json: Array(json.utf8))
        return try wait { controller, answer in controller.enrol(record) { answer($0) } }
    }

    func unenrol(_ name: String) throws -> Result<EnrolmentStatus, EnrolmentError> {
        try wait { controller, answer in controller.unenrol(namespace: "test", name: name) { answer($0) } }
    }

    /// Connections that ztunnel carries.
    var liveConnections: Int {
        let box = TestBox<Int>()
        dataPlane.connectionCount { box.set($0) }
        #expect(Eventually.holds { box.value != nil })
        return box.value ?? -1
    }

    /// Whether processes that this one has replaced carry connections still.
    func setOlderGenerations(_ there: Bool) {
        perform { controller in
            controller.hasOlderGenerations = { there }
            controller.finishLeavers()
        }
    }

    func statuses() throws -> [EnrolmentStatus] { try wait { controller, answer in answer(controller.statuses) } }

    /// Ends everything, as the end of the program would: the rules stay.
    func stop() {
        perform { $0.stop() }
        let drained = TestSignal()
        dataPlane.drain(.immediate) { drained.set() }
        _ = drained.wait()
        dataPlane.stop()
        names.stop()
        thread.stopAndJoin()
        namespaces.stopAndJoin()
    }

    private func perform(_ body: @escaping @Sendable (EnrolmentController) -> Void) {
        _ = thread.loop.submit { [controller] in body(controller.value) }
    }

    private func wait<Value: Sendable>(
        _ body: @escaping @Sendable (EnrolmentController, @escaping @Sendable (Value) -> Void) -> Void
    ) throws -> Value {
        let box = TestBox<Value>()
        perform { body($0) { box.set($0) } }
        #expect(Eventually.holds { box.value != nil })
        return try #require(box.value)
    }
}

/// A value that another thread brings.
final class TestBox<Value: Sendable>: Sendable {
    private let held = Mutex<Value?>(nil)
    var value: Value? { held.withLock(\.self) }
    func set(_ value: Value) { held.withLock { $0 = value } }
}
