import Glibc
import HTTPWire
import LinuxSystem
import MeshAPI
import MeshModel
import MeshRuntime
import MeshTelemetry
import NodeCore
import TLSEngine
import Testing
import ZtunnelCore

/// The control side of a node under test, on a loop of its own: discovery, certificates and reports against a control plane.
final class ControlNode: Sendable {
    private struct Parts {
        let discovery: DiscoveryClient
        let resources: NodeResources
        let renewal: CertificateRenewal
        let reporter: WorkloadReporter
        let client: GRPCClient
    }

    let state: NodeState
    let store: CertificateStore
    private let log: TestLog
    private let thread: LoopThread
    private let parts: LoopBound<Parts>

    init(_ plane: TestControlPlane, stateFolder: String, workloads: [EnrolmentStatus] = []) throws {
        let log = try TestLog()
        self.log = log
        let clock: @Sendable () -> Int64 = { SystemClock.unixSeconds }
        let store = CertificateStore(clock: clock)
        let state = NodeState(snapshot: .empty, certificates: store)
        self.store = store
        self.state = state
        let loop = try EventLoop(name: "test-control")
        let folder = plane.folder
        let client = GRPCClient(
            loop: loop, resolver: try HostResolver(), host: "localhost", port: plane.port,
            configuration: GRPCClientConfiguration(),
            context: {
                do {
                    let text = { (name: String) throws in
                        String(decoding: try StateDirectory.readFile("\(folder)/\(name)"), as: UTF8.self)
                    }
                    let material = TLSIdentityMaterial(
                        certificateChainPEM: try text("node.crt"), privateKeyPEM: try text("node.key"),
                        rootsPEM: try text("root.crt"))
                    return .success(
                        try TLSContext(role: .client, material: material, verification: .hostname(["localhost"])))
                } catch {
                    return .failure(GRPCStatus(code: .unauthenticated, message: "\(error)"))
                }
            })
        let directory = try StateDirectory(stateFolder)
        let resources = NodeResources(
            loop: loop, state: state, directory: try directory.inside("xds"), log: NodeLog(log.logger, "state"))
        _ = resources.restore()
        var configuration = NodeConfiguration()
        configuration.nodeName = "n1"
        let headers = { [(name: "authorization", value: "Bearer abc")] }
        let discovery = DiscoveryClient(
            loop: loop, client: client, resources: resources, node: configuration.discoveryNode(version: "test"),
            headers: headers, log: NodeLog(log.logger, "xds"))
        let renewal = CertificateRenewal(
            loop: loop, store: store,
            issuer: AuthorityIssuer(client: client, lifetime: .seconds(3600), headers: headers),
            cache: CertificateCache(directory: try directory.inside("certificates")), clock: clock,
            log: NodeLog(log.logger, "ca"))
        let reporter = WorkloadReporter(
            loop: loop, client: client, node: "n1", network: "", headers: headers, list: { workloads },
            log: NodeLog(log.logger, "xds"))
        discovery.onConnected = { reporter.report() }
        parts = LoopBound(
            Parts(discovery: discovery, resources: resources, renewal: renewal, reporter: reporter, client: client))
        thread = try LoopThread(running: loop)
        perform { $0.discovery.start() }
    }

    deinit { thread.loop.stop() }

    func host(_ identity: SPIFFEIdentity) { perform { $0.renewal.host(identity) } }

    /// Writes the state to the disk now.
    func save() {
        let done = TestSignal()
        perform {
            $0.resources.save()
            done.set()
        }
        _ = done.wait()
    }

    @discardableResult
    func waitForLine(_ text: String) -> String { log.wait(for: text) }

    private func perform(_ body: @escaping @Sendable (Parts) -> Void) {
        _ = thread.loop.submit { [parts] in body(parts.value) }
    }
}
