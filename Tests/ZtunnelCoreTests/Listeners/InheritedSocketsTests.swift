import NodeCore
import Testing
import ZtunnelCore

@Suite struct InheritedSocketsTests {
    private static let name = SocketName.unix("control")

    private static let cases: [([String: String], [SocketName?])] = [
        (["LISTEN_PID": "7", "LISTEN_FDS": "2", "LISTEN_FDNAMES": "unix.control:stored"], [name, nil]),
        (["LISTEN_PID": "7", "LISTEN_FDS": "3", "LISTEN_FDNAMES": "unix.control"], [name, nil, nil]),
        (["LISTEN_PID": "7", "LISTEN_FDS": "1"], [nil]),
        (["LISTEN_PID": "8", "LISTEN_FDS": "1", "LISTEN_FDNAMES": "unix.control"], []),
        (["LISTEN_FDS": "1", "LISTEN_FDNAMES": "unix.control"], []),
        (["LISTEN_PID": "7", "LISTEN_FDS": "0"], []),
        (["LISTEN_PID": "7", "LISTEN_FDS": "-1"], []),
        (["LISTEN_PID": "7", "LISTEN_FDS": "65537"], []),
        (["LISTEN_PID": "7", "LISTEN_FDS": "many"], []),
        ([:], []),
    ]

    @Test(arguments: cases) func namesAreThoseOfThisProcess(environment: [String: String], names: [SocketName?]) {
        #expect(InheritedSockets.names(environment, process: 7) == names)
    }
}
