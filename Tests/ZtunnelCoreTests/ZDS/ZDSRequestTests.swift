import MeshAPI
import SwiftProtobuf
import Testing
import ZtunnelCore

/// The node agent's packets: what is read, and what an agent is told that sends something else.
@Suite struct ZDSRequestTests {
    typealias Message = Istio_Workload_Zds_WorkloadRequest

    static func add(
        _ uid: String, name: String = "web", namespace: String = "shop", serviceAccount: String = "web-account"
    ) -> Message {
        .with {
            $0.add.uid = uid
            $0.add.workloadInfo = .with {
                $0.name = name
                $0.namespace = namespace
                $0.serviceAccount = serviceAccount
            }
        }
    }

    private func read(_ message: Message, _ descriptors: Int) throws -> ZDSRequest {
        try ZDSRequest(packet: try message.serializedBytes(), descriptors: descriptors)
    }

    @Test func theFourRequestsAreRead() throws {
        let reference = WorkloadReference(namespace: "shop", name: "web", serviceAccount: "web-account")
        #expect(try read(Self.add("u-1"), 1) == .add(uid: "u-1", reference))
        #expect(try read(.with { $0.keep.uid = "u-1" }, 0) == .keep(uid: "u-1"))
        #expect(try read(.with { $0.del.uid = "u-1" }, 0) == .remove(uid: "u-1"))
        #expect(try read(.with { $0.snapshotSent = .init() }, 0) == .snapshotSent)
    }

    /// The bytes that Istio's agent sends (field numbers of Z 6.2), not what our own encoder makes of it.
    @Test func foreignBytesAreRead() throws {
        #expect(try ZDSRequest(packet: [0x12, 0x03, 0x12, 0x01, 0x61], descriptors: 0) == .remove(uid: "a"))
        #expect(try ZDSRequest(packet: [0x2a, 0x03, 0x0a, 0x01, 0x61], descriptors: 0) == .keep(uid: "a"))
        #expect(try ZDSRequest(packet: [0x1a, 0x00], descriptors: 0) == .snapshotSent)
        #expect(ZDSReply.hello == [0x08, 0x01])
        #expect(ZDSReply.acknowledgement(nil) == [0x0a, 0x00])
        #expect(ZDSReply.acknowledgement("no") == [0x0a, 0x04, 0x0a, 0x02, 0x6e, 0x6f])
    }

    @Test func whatIsNoRequestBreaksTheProtocol() throws {
        let cases: [([UInt8], Int, String)] = [
            ([], 0, "without add, keep, del or snapshot_sent"),
            ([0xff, 0xff], 0, "is no WorkloadRequest"),
            ([UInt8](repeating: 0, count: 1025), 0, "a packet of 1025 bytes"),
            (try Self.add("u").serializedBytes(), 0, "add came with 0 descriptors; send exactly one"),
            (try Self.add("u").serializedBytes(), 2, "add came with 2 descriptors; send exactly one"),
            ([0x12, 0x03, 0x12, 0x01, 0x61], 1, "del came with 1 descriptors"),
            ([0x2a, 0x03, 0x0a, 0x01, 0x61], 1, "keep came with 1 descriptors"),
            ([0x1a, 0x00], 1, "snapshot_sent came with 1 descriptors"),
        ]
        for (packet, descriptors, text) in cases {
            let problem = #expect(throws: ZDSProblem.self) {
                try ZDSRequest(packet: packet, descriptors: descriptors)
            }
            guard case .protocolViolation(let said)? = problem else {
                Issue.record("\(text): \(String(describing: problem))")
                continue
            }
            #expect(said.contains(text), "\(said)")
        }
    }

    private static let noWorkloads: [(Message, String)] = [
        (Message.with { $0.add.uid = "u" }, "has no workload_info"),
        (add(""), "the uid of a workload"), (add("a b"), "the uid of a workload"),
        (add("a\nb"), "the uid of a workload"), (add(String(repeating: "u", count: 254)), "the uid of a workload"),
        (add("u", name: ""), "the name of u is no name"), (add("u", namespace: "a/b"), "the namespace of u is no name"),
        (add("u", serviceAccount: "x/sa/admin"), "the service_account of u is no name"),
    ]

    @Test(arguments: noWorkloads)
    func whatIsNoWorkloadIsRefusedAlone(message: Message, text: String) {
        let problem = #expect(throws: ZDSProblem.self) { try read(message, 1) }
        guard case .refused(let said)? = problem else {
            Issue.record("\(String(describing: problem))")
            return
        }
        #expect(said.contains(text), "\(said)")
    }

    @Test func aLongErrorIsCutToWhatTheAgentCanRead() throws {
        for text in [String(repeating: "x", count: 5_000), String(repeating: "\u{1F980}", count: 400)] {
            let packet = ZDSReply.acknowledgement(text)
            #expect(packet.count <= ZDSRequest.packetLimit)
            let read = try Istio_Workload_Zds_WorkloadResponse(serializedBytes: packet)
            #expect(text.hasPrefix(read.ack.error) && read.ack.error.utf8.count > ZDSReply.errorLimit - 4)
        }
    }
}
