import LinuxSystem
import Testing

@Suite struct ErrnoTests {
    @Test func describesItself() {
        #expect(Errno.connectionRefused.description == "Connection refused (ECONNREFUSED)")
        #expect(Errno(4095).name == "errno 4095")
        #expect(Errno.tooManyOpenFiles.isExhaustion && !Errno.connectionReset.isExhaustion)
    }
}
