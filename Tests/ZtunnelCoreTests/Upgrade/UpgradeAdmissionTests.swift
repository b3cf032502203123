import NodeCore
import Testing

@Suite struct UpgradeAdmissionTests {
    private static let hello = UpgradeHello(version: "2", stateDirectory: "/state", isDedicated: false)

    private func admission(_ change: (inout UpgradeAdmission) -> Void = { _ in }) -> UpgradeAdmission {
        var admission = UpgradeAdmission(stateDirectory: "/state", generationLimit: 2, ownUser: 0, peerUser: 0)
        change(&admission)
        return admission
    }

    @Test func aNewVersionOfTheSameServiceMayTakeOver() {
        #expect(admission().refusal(of: Self.hello) == nil)
        #expect(
            admission {
                $0.ownGroup = "/system.slice/a"
                $0.peerGroup = "/system.slice/a"
                $0.draining = 1
            }.refusal(of: Self.hello) == nil)
    }

    @Test func everyReasonIsNamed() throws {
        func reason(_ hello: UpgradeHello = Self.hello, _ change: (inout UpgradeAdmission) -> Void = { _ in }) throws
            -> String
        {
            try #require(admission(change).refusal(of: hello))
        }
        #expect(try reason { $0.peerUser = 1000 }.contains("user 1000"))
        #expect(try reason { $0.isEnding = true }.contains("is ending"))
        #expect(try reason { $0.isUpgrading = true }.contains("another upgrade"))
        #expect(try reason { $0.draining = 2 }.contains("AMBIT_UPGRADE_GENERATIONS=2"))
        #expect(
            try reason {
                $0.ownGroup = "/system.slice/a"
                $0.peerGroup = "/user.slice"
            }.contains("systemctl reload"))
        var hello = Self.hello
        hello.revision = 2
        #expect(try reason(hello).contains("revision 2"))
        hello = Self.hello
        hello.stateDirectory = "/elsewhere"
        #expect(try reason(hello).contains("AMBIT_STATE_DIR is /elsewhere"))
        hello = Self.hello
        hello.isDedicated = true
        #expect(try reason(hello).contains("dedicated"))
    }
}
