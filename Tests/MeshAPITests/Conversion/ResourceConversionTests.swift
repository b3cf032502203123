import MeshAPI
import MeshModel
import SwiftProtobuf
import Testing

@Suite struct ResourceConversionTests {
    @Test func anAddressIsOneOfTheTwo() throws {
        let error = try #require(throws: ConversionError.self) { try MeshUpdate(Istio_Workload_Address()) }
        #expect(error.field == "type")
    }

    @Test func bytesThatAreNoMessageNameTheResource() throws {
        for bytes in [[0xff], [0x0a, 0x7f], [0x0a, 0x03, 0x0a, 0x02, 0xff]] as [[UInt8]] {
            let error = try #require(throws: ConversionError.self) {
                try MeshUpdate(typeURL: TypeURLs.address, name: "the-name", bytes: bytes)
            }
            #expect(error.resource == "the-name" && error.field == "resource")
        }
    }

    @Test func otherTypesAndOtherNamesAreRefused() throws {
        let bytes: [UInt8] = try Istio_Workload_Address(Workload(uid: "u", name: "w", namespace: "n")).serializedBytes()
        let type = try #require(throws: ConversionError.self) { try MeshUpdate(typeURL: "x", name: "u", bytes: bytes) }
        #expect(type.field == "type_url")
        let name = try #require(throws: ConversionError.self) {
            try MeshUpdate(typeURL: TypeURLs.address, name: "other", bytes: bytes)
        }
        #expect(name.field == "name" && name.problem.contains("calls itself u"))
    }

    @Test func localStateHoldsTheWholeSnapshot() throws {
        let policy = Authorization(name: "p", namespace: "ns", scope: .global, action: .deny, rules: [])
        var builder = SnapshotBuilder()
        let snapshot = builder.apply(updates: [
            .workload(WorkloadConversionTests.full), .service(ServiceConversionTests.full), .policy(policy),
            .workload(Workload(uid: "b", name: "b", namespace: "n")),
            .workload(Workload(uid: "a", name: "a", namespace: "n")),
        ])
        let state = Ambit_Local_V1_LocalState(snapshot)
        let json = try state.jsonString()
        let updates = try Ambit_Local_V1_LocalState(jsonString: json).updates()
        #expect(
            Set(updates.map(\.resourceName)) == [
                "a", "b", "c//Pod/shop/web-1", "ns/p", "shop/web.shop.svc.cluster.local",
            ])
        var second = SnapshotBuilder()
        let restored = second.apply(updates: updates)
        #expect(restored.workload(uid: WorkloadConversionTests.full.uid) == WorkloadConversionTests.full)
        #expect(restored.service(ServiceConversionTests.full.key) == ServiceConversionTests.full)
        #expect(restored.globalPolicies == [policy])
        #expect(Ambit_Local_V1_LocalState(restored) == state)
    }

    @Test func localStateIsTakenWholeOrNotAtAll() throws {
        var state = Ambit_Local_V1_LocalState()
        state.addresses = [.init(Workload(uid: "u", name: "w", namespace: "n")), .init()]
        #expect(throws: ConversionError.self) { try state.updates() }
    }
}
