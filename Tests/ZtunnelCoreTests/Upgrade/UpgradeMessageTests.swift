import NodeCore
import Testing

@Suite struct UpgradeMessageTests {
    private static let inheritance = UpgradeInheritance(
        hasSnapshot: true, watchdogMicroseconds: 30_000_000, captureRules: "abc")

    @Test(arguments: [
        UpgradeMessage.hello(UpgradeHello(version: "1.2", stateDirectory: "/var/lib/ambit", isDedicated: false)),
        .refused("one line\nand another"), .socket(.unix("control")), .generation,
        .workload(uid: "shop/web", hasCertificate: true), .complete(inheritance), .ready, .yours, .serving,
        .connections(65_536),
    ]) func whatIsSaidIsUnderstood(message: UpgradeMessage) {
        #expect(UpgradeMessage(message.bytes) == message)
    }

    @Test(arguments: [
        "", "ready\n", "READY", "hello\n1\n2", "hello\nx\n1.2\n/\nno", "hello\n1\n1.2\n/\nmaybe", "socket\nnobody",
        "socket",
        "workload\nshop/web", "complete\nyes\n-1\nabc", "connections\n-1", "connections\n", "refused", "yours\nnow",
    ]) func anythingElseIsNoMessage(text: String) {
        #expect(UpgradeMessage(Array(text.utf8)) == nil)
    }

    @Test func badTextAndLongPacketsAreNoMessage() {
        #expect(UpgradeMessage([0xff, 0xfe]) == nil)
        #expect(UpgradeMessage(Array("refused\n".utf8) + Array(repeating: 97, count: UpgradeMessage.byteLimit)) == nil)
    }

    @Test func aLongReasonIsCutToAPacket() {
        let message = UpgradeMessage.refused(String(repeating: "a", count: 2 * UpgradeMessage.byteLimit))
        #expect(message.bytes.count == UpgradeMessage.byteLimit)
        #expect(UpgradeMessage(message.bytes) != nil)
    }
}
