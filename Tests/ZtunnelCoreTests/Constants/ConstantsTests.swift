import Foundation
import LinuxNetfilter
import MeshModel
import Testing
import ZtunnelCore

/// Ports and marks stand once, in MeshModel/Constants. What cannot read them there must agree with them.
@Suite struct ConstantsTests {
    static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    @Test func theCaptureRulesUseTheSamePortsAndMarks() throws {
        let text = try String(contentsOf: Self.root.appending(path: "nft/ambit-workload.nft"), encoding: .utf8)
        let rules = text.split(separator: "\n").filter { !$0.trimmingCharacters(in: .whitespaces).hasPrefix("#") }
            .joined(separator: "\n")
        for port in [Ports.outbound, Ports.inboundPlaintext, Ports.dns] {
            #expect(rules.contains("redirect to :\(port)"))
        }
        #expect(rules.contains("dport \(Ports.hbone) accept"))
        let hexadecimal = rules.matches(of: /0x([0-9a-f]+)/).compactMap { UInt32($0.1, radix: 16) }
        #expect(
            Set(hexadecimal) == [
                PacketMarks.proxy, PacketMarks.originalSource, PacketMarks.mask,
            ])
    }

    @Test func theRoutingRuleUsesTheSameMark() {
        #expect(
            WorkloadCapture.rule
                == MarkRule(
                    mark: PacketMarks.originalSource, mask: PacketMarks.mask, priority: PacketMarks.rulePriority,
                    table: PacketMarks.routingTable))
        #expect(DataPlaneConfiguration().packetMark == PacketMarks.proxy)
    }

    @Test func theNodeListensOnThePortsThatAreWrittenDown() {
        let configuration = NodeConfiguration()
        #expect(configuration.adminPort == Ports.admin)
        #expect(configuration.metricsPort == Ports.metrics)
        #expect(configuration.readinessPort == Ports.readiness)
    }
}
