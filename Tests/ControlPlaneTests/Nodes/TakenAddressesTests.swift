import ControlPlane
import MeshModel
import Testing

@Suite("Addresses that a node may not report")
struct TakenAddressesTests {
    static func resource(_ kind: ResourceKind, _ name: String, labels: [String: String] = [:], _ spec: String) throws
        -> Resource
    {
        Resource(
            kind: kind, metadata: ResourceMetadata(name: name, namespace: "shop", labels: labels),
            spec: try JSONValue(parsing: spec.utf8))
    }

    @Test(
        "belong to services, to other nodes and to entries written by hand",
        arguments: [
            ("10.96.0.1", "Service shop/web"), ("fd00:96::1", "Service shop/web"),
            ("10.97.0.1", "ServiceEntry shop/db"),
            ("10.9.9.9", "ServiceEntry shop/db"), ("10.0.0.2", "WorkloadEntry shop/other on node host-b"),
            ("fd00::2", "WorkloadEntry shop/other on node host-b"), ("10.0.0.3", "WorkloadEntry shop/hand"),
            ("240.240.7.7", "automatic addresses"), ("2001:2::7", "automatic addresses"), ("10.0.0.1", nil),
            ("10.98.1.1", nil), ("192.0.2.1", nil),
        ] as [(String, String?)])
    func owners(address: String, owner: String?) throws {
        let resources = [
            try Self.resource(.service, "web", #"{"clusterIP":"10.96.0.1","clusterIPs":["10.96.0.1","fd00:96::1"]}"#),
            try Self.resource(.service, "headless", #"{"clusterIP":"None"}"#),
            try Self.resource(
                .serviceEntry, "db",
                #"{"hosts":["db"],"addresses":["10.97.0.1","10.98.0.0/16"],"endpoints":[{"address":"10.9.9.9"},{"address":"db.example"}]}"#
            ),
            try Self.resource(.workloadEntry, "own", labels: ["ambit.io/node": "host-a"], #"{"address":"10.0.0.1"}"#),
            Resource(
                kind: .workloadEntry,
                metadata: ResourceMetadata(
                    name: "other", namespace: "shop", labels: ["ambit.io/node": "host-b"],
                    annotations: ["ambit.io/addresses": "fd00::2"]), spec: .object(["address": .string("10.0.0.2")])),
            try Self.resource(.workloadEntry, "hand", #"{"address":"10.0.0.3"}"#),
        ]
        let taken = TakenAddresses(resources, except: "host-a")
        let ip = try #require(IPAddress(address))
        let found = taken.owner(of: NetworkAddress(network: "", ip: ip))
        if let owner { #expect(found?.contains(owner) == true, "\(found ?? "nobody")") } else { #expect(found == nil) }
        let elsewhere = taken.owner(of: NetworkAddress(network: "other", ip: ip))
        #expect(
            (elsewhere == nil) == (owner == nil || owner?.hasPrefix("WorkloadEntry") == true || address == "10.9.9.9"))
    }
}
