import ControlPlane
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import MeshAPI
import SwiftProtobuf
import Testing

@Suite("Discovery over gRPC", .timeLimit(.minutes(1)))
struct DiscoveryServiceTests {
    @Test("a node gets everything, acknowledges, and then only changes and removals")
    func onlyChanges() async throws {
        let harness = try ControlServerHarness()
        harness.publish(["a": "1", "b": "1"])
        try await harness.serve { port in
            let node = try await harness.node("host-a")
            try await DiscoveryClient.run(harness.client(port: port, certificate: node)) { stream in
                stream.send()
                let first = try await stream.next()
                #expect(first.typeURL == DiscoveryType.address.rawValue)
                #expect(first.resources.map(\.name) == ["a", "b"])
                #expect(first.resources.first?.resource.typeURL == DiscoveryType.address.rawValue)
                stream.send(nonce: first.nonce)
                try await Deadline.until { harness.registry.nodes.first?.sync[.address]?.state == .synced }
                harness.publish(["a": "2", "c": "1"])
                let second = try await stream.next()
                #expect(second.resources.map(\.name) == ["a", "c"])
                #expect(second.removedResources == ["b"])
                let status = try #require(harness.registry.nodes.first)
                #expect(status.name == "host-a")
                #expect(status.connectedSince != nil)
                #expect(status.sync[.address]?.resources == 2)
                #expect(harness.metrics.value(.streams) == 1)
            }
            try await Deadline.until { harness.metrics.value(.streams) == 0 }
            #expect(harness.registry.nodes.first?.connectedSince == nil)
        }
    }

    @Test("changes while a response waits for its answer come as one")
    func merged() async throws {
        let harness = try ControlServerHarness()
        harness.publish(["a": "1"])
        try await harness.serve { port in
            let node = try await harness.node("host-a")
            try await DiscoveryClient.run(harness.client(port: port, certificate: node)) { stream in
                stream.send()
                let first = try await stream.next()
                for version in 2...20 { harness.publish(["a": "\(version)"]) }
                stream.send(nonce: first.nonce)
                let second = try await stream.next()
                #expect(second.resources.map(\.version) == ["20"])
                #expect(harness.metrics.value(.pushes, label: "type", value: "istio.workload.Address") == 2)
            }
        }
    }

    @Test("a refusal is counted and shown with its reason, and the next change is sent")
    func refusal() async throws {
        let harness = try ControlServerHarness()
        harness.publish(["a": "1"])
        try await harness.serve { port in
            let node = try await harness.node("host-a")
            try await DiscoveryClient.run(harness.client(port: port, certificate: node)) { stream in
                stream.send()
                let first = try await stream.next()
                stream.send(nonce: first.nonce, rejection: "a: no such thing")
                try await Deadline.until { harness.registry.nodes.first?.sync[.address]?.state == .rejected }
                #expect(harness.registry.nodes.first?.sync[.address]?.lastError == "a: no such thing")
                #expect(harness.metrics.value(.rejections, label: "type", value: "istio.workload.Address") == 1)
                harness.publish(["a": "2"])
                let second = try await stream.next()
                #expect(second.resources.map(\.version) == ["2"])
            }
        }
    }

    @Test("a node that reconnects with its versions gets only what it missed")
    func reconnect() async throws {
        let harness = try ControlServerHarness()
        harness.publish(["a": "1", "b": "1"])
        try await harness.serve { port in
            let node = try await harness.node("host-a")
            try await DiscoveryClient.run(harness.client(port: port, certificate: node)) { stream in
                stream.send(initial: ["a": "1", "b": "0", "c": "7"])
                let first = try await stream.next()
                #expect(first.resources.map(\.name) == ["b"])
                #expect(first.removedResources == ["c"])
            }
        }
    }

    @Test("a type that is not served gets an empty answer, and the stream goes on")
    func unknownType() async throws {
        let harness = try ControlServerHarness()
        harness.publish(["a": "1"])
        try await harness.serve { port in
            let node = try await harness.node("host-a")
            try await DiscoveryClient.run(harness.client(port: port, certificate: node)) { stream in
                stream.send(type: "type.googleapis.com/example.Unknown")
                let first = try await stream.next()
                #expect(first.typeURL == "type.googleapis.com/example.Unknown")
                #expect(first.resources.isEmpty)
                stream.send()
                #expect(try await stream.next().resources.map(\.name) == ["a"])
            }
        }
    }

    @Test("who shows no certificate, an administrator's, or a workload's gets nothing")
    func peers() async throws {
        let harness = try ControlServerHarness()
        harness.publish(["a": "1"])
        try await harness.serve { port in
            let admin = try harness.authority.issueClientCertificate(commonName: "root", organization: "ambit:admins")
            let error = await #expect(throws: RPCError.self) {
                try await DiscoveryClient.run(harness.client(port: port, certificate: admin)) { stream in
                    stream.send()
                    _ = try await stream.next()
                }
            }
            #expect(error?.code == .permissionDenied)
            let foreign = try ControlServerHarness().authority.issueNodeCertificate(node: "host-a")
            for certificate in [foreign, nil] {
                await #expect(throws: (any Error).self) {
                    try await DiscoveryClient.run(harness.client(port: port, certificate: certificate)) { stream in
                        stream.send()
                        _ = try await Deadline.within(.seconds(1)) { try await stream.next() }
                    }
                }
            }
            #expect(harness.registry.nodes.isEmpty)
        }
    }

    @Test("a stream past a limit ends with RESOURCE_EXHAUSTED and the limit's name")
    func limits() async throws {
        var limits = DiscoveryLimits()
        limits.subscribedNames = 3
        let harness = try ControlServerHarness(limits: limits)
        harness.publish(["a": "1"])
        try await harness.serve { port in
            let node = try await harness.node("host-a")
            let error = await #expect(throws: RPCError.self) {
                try await DiscoveryClient.run(harness.client(port: port, certificate: node)) { stream in
                    stream.send(subscribe: ["a", "b", "c", "d"])
                    _ = try await stream.next()
                }
            }
            #expect(error?.code == .resourceExhausted)
            #expect(harness.registry.nodes.first?.lastError?.contains("3 names") == true)
        }
    }

    @Test("stopping the server ends the streams of connected nodes")
    func stopping() async throws {
        let harness = try ControlServerHarness()
        harness.publish(["a": "1"])
        let node = try await harness.node("host-a")
        try await harness.serve { port in
            try await DiscoveryClient.run(harness.client(port: port, certificate: node)) { stream in
                stream.send()
                _ = try await stream.next()
                harness.publisher.close()
                await #expect(throws: DiscoveryClient.NoAnswer.self) { try await stream.next() }
            }
        }
    }
}
