import ControlPlane
import MeshModel
import Testing

/// What ambitd says that it is reached by, where nobody has named it.
@Suite struct OwnNamesTests {
    @Test(arguments: [
        (["127.0.0.1", "192.0.2.1", "::1", "2001:db8::1"], ["192.0.2.1", "2001:db8::1"]),
        (["2001:db8::1", "192.0.2.1"], ["192.0.2.1", "2001:db8::1"]),
        (["169.254.7.7", "fe80::1", "febf::1", "0.0.0.0"], []),
        (["192.0.2.1", "192.0.2.1"], ["192.0.2.1"]),
        (["169.255.0.1", "fec0::1"], ["169.255.0.1", "fec0::1"]),
    ])
    func namesWhatOthersCanUse(_ addresses: [String], _ expected: [String]) throws {
        #expect(OwnNames.reachable(try addresses.map { try #require(IPAddress($0)) }) == expected)
    }

    @Test func theNamesOfThisHostAreUsable() throws {
        for name in OwnNames.all() {
            if let address = IPAddress(name) {
                #expect(!address.isLoopback)
            } else {
                #expect(NameRules.host(name, allowsWildcard: false) == nil)
            }
        }
    }
}
