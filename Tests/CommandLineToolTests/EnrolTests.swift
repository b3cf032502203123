import Foundation
import Synchronization
import Testing

@testable import CommandLineTool
@testable import MeshModel

/// `enroll` and `unenroll` against a control socket whose answers the test chooses.
@Suite struct EnrolTests {
    /// A ztunnel that has `workloads` and answers in turn how one of them does.
    private final class Node: Sendable {
        struct State {
            var enrolled: [String: String] = [:]
            /// What the next questions find out, the last for ever.
            var progress: [String]
            var requests: [String] = []
            /// The paths of orders for a workload that stops.
            var stopping: [String] = []
        }
        let state: Mutex<State>

        init(_ progress: [String], enrolled: [String: String] = [:]) {
            state = Mutex(State(enrolled: enrolled, progress: progress))
        }

        func handle(_ request: FakeServer.Request) -> FakeServer.Answer {
            state.withLock { state in
                let body = String(decoding: request.body, as: UTF8.self)
                state.requests.append("\(request.method) \(request.path) \(body)")
                if request.query["stopping"] == "true" { state.stopping.append(request.path) }
                switch request.method {
                case "POST":
                    if body.contains("\"nowhere\"") {
                        return .init(
                            status: 404,
                            body:
                                #"{"error":"there is no network namespace nowhere","remedy":"ip netns list shows them"}"#
                        )
                    }
                    return .init(body: state.progress[0])
                case "DELETE":
                    let found = state.enrolled.removeValue(forKey: request.path) != nil
                    return .init(status: found ? 200 : 404, body: "{}")
                default:
                    if state.progress.count > 1 { state.progress.removeFirst() }
                    let all = state.enrolled.isEmpty ? state.progress.prefix(1) : state.enrolled.values.sorted()[...]
                    return .init(body: #"{"enrolments":[\#(all.joined(separator: ","))]}"#)
                }
            }
        }
    }

    private static func workload(_ facts: String, name: String = "web", namespace: String = "shop") -> String {
        #"{"kind":"netns","target":"\#(name)-ns","name":"\#(name)","namespace":"\#(namespace)","serviceAccount":"web","#
            + #""addresses":["10.77.2.10"],\#(facts)}"#
    }

    private static let ready = workload(#""ready":true,"certificate":"Available","knownToControlPlane":true"#)
    private static let early = workload(#""ready":false,"certificate":"Initializing","knownToControlPlane":false"#)

    private func start(_ node: Node, in transcript: Transcript) async throws -> FakeServer {
        try await FakeServer.start(socket: transcript.folder.path + "/ztunnel.sock") { node.handle($0) }
    }

    @Test func enrolsAndWaits() async throws {
        let transcript = try Transcript()
        let node = Node([Self.early, Self.early, Self.ready])
        let server = try await start(node, in: transcript)
        await transcript.run(
            "enroll netns web-ns --namespace shop --service-account web --name web --labels app=web,version=v1 "
                + "--port http:8080 --port metrics:9090 --weight 2 --locality eu/a/1 --run-dir @")
        await transcript.run("enroll netns nowhere -n shop --sa web --run-dir @")
        try await server.stop()
        try transcript.matches("enroll")
        let requests = node.state.withLock { $0.requests }
        #expect(
            requests.first
                == #"POST /v1/enrolments {"kind":"netns","target":"web-ns","name":"web","namespace":"shop","#
                + #""serviceAccount":"web","labels":{"app":"web","version":"v1"},"ports":{"http":8080,"metrics":9090},"weight":2,"#
                + #""locality":"eu/a/1"}"#)
    }

    @Test func saysWhatIsMissing() async throws {
        let transcript = try Transcript()
        let refused = Self.workload(
            #""ready":false,"certificate":"Unavailable: this node was not granted shop/web","knownToControlPlane":false"#
        )
        let server = try await start(Node([refused]), in: transcript)
        await transcript.run("enroll netns web-ns -n shop --service-account web --timeout 0 --run-dir @")
        await transcript.run("enroll netns web-ns -n shop --service-account web --port http:80800 --run-dir @")
        try await server.stop()
        try transcript.matches("enroll-not-ready")
    }

    @Test func withdraws() async throws {
        let transcript = try Transcript()
        let facts = #""ready":true"#
        let node = Node(
            [Self.ready],
            enrolled: [
                "/v1/enrolments/shop/web": Self.workload(facts),
                "/v1/enrolments/office/web": Self.workload(facts, namespace: "office"),
                "/v1/enrolments/shop/batch": Self.workload(facts, name: "batch"),
            ])
        let server = try await start(node, in: transcript)
        await transcript.run("unenroll netns batch-ns --run-dir @")
        await transcript.run("unenroll netns web --run-dir @")
        await transcript.run("unenroll netns web -n shop --run-dir @")
        await transcript.run("unenroll netns nothing --run-dir @")
        try await server.stop()
        try transcript.matches("unenroll")
    }

    @Test func drainsAndTakesBack() async throws {
        let transcript = try Transcript()
        let enrolled = ["/v1/enrolments/shop/web": Self.workload(#""ready":true"#)]
        let node = Node([#"{"confirmed":true}"#], enrolled: enrolled)
        let server = try await start(node, in: transcript)
        await transcript.run("drain web --timeout 3 --run-dir @")
        await transcript.run("drain nothing --run-dir @")
        await transcript.run("undrain web-ns -n shop --run-dir @")
        node.state.withLock { $0.progress = [#"{"confirmed":false,"problem":"no answer within 3.0 seconds"}"#] }
        await transcript.run("drain web --stopping --run-dir @")
        try await server.stop()
        try transcript.matches("drain")
        let orders = node.state.withLock { $0.requests.filter { $0.hasPrefix("POST") } }
        #expect(orders.map { $0.contains("/v1/enrolments/shop/web/drain") } == [true, false, true])
        #expect(node.state.withLock { $0.stopping } == ["/v1/enrolments/shop/web/drain"])
        #expect(orders[1].hasPrefix("POST /v1/enrolments/shop/web/undrain"))
    }

    @Test func noZtunnel() async throws {
        let transcript = try Transcript()
        await transcript.run("enroll netns web-ns -n shop --service-account web --run-dir @absent")
        await transcript.run("unenroll netns web-ns --run-dir @absent")
        let server = try await start(Node([Self.ready]), in: transcript)
        try await server.stop()
        try transcript.file("left/placeholder", "")
        try transcript.matches("enroll-no-ztunnel")
    }
}
