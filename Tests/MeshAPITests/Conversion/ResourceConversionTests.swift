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

    /// The file that stands in for a control plane: JSON of ambit.local.v1.LocalState.
    @Test func localStateIsReadFromJSON() throws {
        var state = Ambit_Local_V1_LocalState()
        state.addresses = [.init(WorkloadConversionTests.full), .init(ServiceConversionTests.full)]
        state.authorizations = [
            .init(Authorization(name: "p", namespace: "ns", scope: .global, action: .deny, rules: []))
        ]
        let read = try Ambit_Local_V1_LocalState(jsonString: try state.jsonString())
        #expect(read == state)
        #expect(try MeshUpdate(#require(read.addresses.first)) == .workload(WorkloadConversionTests.full))
        #expect(try MeshUpdate(#require(read.authorizations.first)).resourceName == "ns/p")
    }
}
