import MeshAPI
import MeshModel
import MeshRuntime
import NodeCore
import SwiftProtobuf
import TLSEngine
import Testing
import ZtunnelCore

/// Google's gRPC library as the control plane of our node.
@Suite(.enabled(if: TestControlPlane.python != nil, "no .venv/bin/python: run `make deps`"), .timeLimit(.minutes(2)))
struct ControlPlaneInteropTests {
    private static func workload(_ uid: String, node: String = "n1") throws -> (name: String, value: [UInt8]) {
        let message = Istio_Workload_Address.with {
            $0.workload.uid = uid
            $0.workload.name = uid
            $0.workload.namespace = "shop"
            $0.workload.node = node
        }
        return (uid, try message.serializedBytes())
    }

    private static func stateFolder() throws -> String {
        try Command.run("mktemp -d").split(separator: "\n").first.map(String.init) ?? "/nowhere"
    }

    @Test func updatesAreAppliedWholeAndRefusedWhole() throws {
        let plane = try TestControlPlane()
        let node = try ControlNode(plane, stateFolder: try Self.stateFolder())
        let opening = plane.wait("first request") {
            $0.request.flatMap { $0.type == DiscoveryKind.address.typeURL ? $0 : nil }
        }
        #expect(opening?.node == "ztunnel~1.1.1.1~n1.ambit-system~ambit-system.svc.cluster.local")
        #expect(opening?.held == [:])

        try plane.send(.address, nonce: "1", [try Self.workload("a"), try Self.workload("b")])
        #expect(plane.answer(to: "1")?.error == "")
        // Without their policies, workloads would be served as if there were none.
        #expect(node.state.snapshot.workloads.isEmpty)
        try plane.send(.authorization, nonce: "policies")
        #expect(plane.answer(to: "policies")?.error == "")
        #expect(node.state.snapshot.workloads.map(\.uid).sorted() == ["a", "b"])

        // One resource cannot be read: the good one beside it is not applied, the removal neither.
        try plane.send(.address, nonce: "2", [try Self.workload("c"), ("broken", [0xff, 0xff])], removed: ["a"])
        let refusal = plane.answer(to: "2")
        #expect(refusal?.error.hasPrefix("broken: ") == true, "\(refusal?.error ?? "")")
        #expect(node.state.snapshot.workloads.map(\.uid).sorted() == ["a", "b"])

        try plane.send(.address, nonce: "3", [try Self.workload("c")], removed: ["a"])
        #expect(plane.answer(to: "3")?.error == "")
        #expect(node.state.snapshot.workloads.map(\.uid).sorted() == ["b", "c"])
    }

    @Test func anOutageChangesNothingAndOnlyDifferencesAreAskedForAfterIt() throws {
        let plane = try TestControlPlane()
        let folder = try Self.stateFolder()
        let node = try ControlNode(plane, stateFolder: folder)
        try #require(plane.wait("request") { $0.request } != nil)
        try plane.send(.address, nonce: "1", [try Self.workload("a")], version: "7")
        try plane.send(.authorization, nonce: "2")
        #expect(plane.answer(to: "1")?.error == "" && plane.answer(to: "2")?.error == "")
        plane.kill()
        node.waitForLine("the last state stays in force")
        #expect(node.state.snapshot.workload(uid: "a") != nil)
        try plane.start()
        let again = plane.wait("request with versions") { $0.request.flatMap { $0.held.isEmpty ? nil : $0 } }
        #expect(again?.held == ["a": "7"])

        // A restart of the node without its control plane serves the same from the disk.
        node.save()
        plane.kill()
        let restarted = try ControlNode(plane, stateFolder: folder)
        #expect(restarted.state.snapshot.workload(uid: "a") != nil)

        // Workloads whose policies are lost are not served.
        try Command.run("rm \(folder)/xds/authorizations.pb")
        let halved = try ControlNode(plane, stateFolder: folder)
        #expect(halved.state.snapshot.workload(uid: "a") == nil)
    }

    @Test func certificatesAreSignedCachedAndRefused() throws {
        let plane = try TestControlPlane()
        let folder = try Self.stateFolder()
        let node = try ControlNode(plane, stateFolder: folder)
        let identity = SPIFFEIdentity(trustDomain: "cluster.local", namespace: "shop", serviceAccount: "web")
        #expect(
            node.store.context(for: identity, role: .client).failure?.contains("is not hosted on this node") == true)
        node.host(identity)
        #expect(Eventually.holds { node.store.context(for: identity, role: .server).isReady })
        #expect(node.store.context(for: identity, role: .client).isReady)
        let signing = plane.wait("request for a certificate") { $0.csr }
        #expect(signing?.lifetime == 3600 && signing?.token == "Bearer abc")
        // The file is written beside and renamed, after the certificate is in use.
        let modes = { try? Command.run("stat -c %a \(folder)/certificates \(folder)/certificates/*.pem") }
        #expect(Eventually.holds { modes()?.split(separator: "\n") == ["700", "600"] })

        try plane.order(["refuse": true])
        let other = SPIFFEIdentity(trustDomain: "cluster.local", namespace: "shop", serviceAccount: "admin")
        let refused = TestSignal()
        node.host(other)
        #expect(
            Eventually.holds {
                node.store.context(for: other, role: .client).failure?
                    .contains("PERMISSION_DENIED: refused by the test") == true
            })
        node.store.fetch(other) { reason in if reason?.contains("refused by the test") == true { refused.set() } }
        #expect(refused.wait())

        // During an outage the certificate on the disk serves.
        plane.kill()
        let restarted = try ControlNode(plane, stateFolder: folder)
        restarted.host(identity)
        #expect(Eventually.holds { restarted.store.context(for: identity, role: .server).isReady })
    }

    @Test func enrolledWorkloadsAreReportedOnEveryConnection() throws {
        let plane = try TestControlPlane()
        let status = EnrolmentStatus(
            record: try EnrolmentRecord(
                json: Array(#"{"kind":"netns","target":"w","name":"web","namespace":"shop"}"#.utf8)),
            addresses: [IPAddress(ipv4: 10, 0, 0, 7)], problem: nil)
        let node = try ControlNode(plane, stateFolder: try Self.stateFolder(), workloads: [status])
        try #require(plane.wait("request") { $0.request } != nil)
        try plane.send(.authorization, nonce: "1")
        let report = plane.wait("report") { $0.report }
        #expect(report?.node == "n1")
        #expect(report?.workloads == [.init(name: "web", namespace: "shop", addresses: ["10.0.0.7"])])
        plane.kill()
        node.waitForLine("the last state stays in force")
        try plane.start()
        #expect(Eventually.holds { plane.count { $0.request?.held != nil && $0.request?.nonce == "" } >= 4 })
        try plane.send(.authorization, nonce: "2")
        #expect(Eventually.holds { plane.count { $0.report != nil } >= 2 })
    }
}

extension CertificateLookup {
    fileprivate var isReady: Bool { if case .ready = self { true } else { false } }
    fileprivate var failure: String? { if case .failed(let reason) = self { reason } else { nil } }
}
