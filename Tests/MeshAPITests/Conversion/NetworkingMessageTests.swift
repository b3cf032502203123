import MeshAPI
import MeshModel
import Testing

@Suite("Objects for waypoints as messages")
struct NetworkingMessageTests {
    private func object(_ text: String) throws -> Resource {
        Resource(kind: .virtualService, object: try JSONValue(parsing: text.utf8))
    }

    @Test("the document comes back without what only the API needs; a write that changes nothing else changes no byte")
    func whole() throws {
        let text = #"{"metadata":{"name":"v","namespace":"ns","creationTimestamp":"t"%}%,"spec":{"hosts":["a"]}}"#
        func variant(_ metadata: String, _ members: String) throws -> Resource {
            let parts = text.split(separator: "%").map(String.init)
            return try object(parts[0] + metadata + parts[1] + members + parts[2])
        }
        let plain = try variant("", "")
        let written = try variant(#","resourceVersion":"9","generation":3,"managedFields":[{}]"#, #","status":{"x":1}"#)
        #expect(plain.discoveryName == "VirtualService/ns/v")
        #expect(try plain.networkingMessage() == written.networkingMessage())
        let read = try Resource(networkingName: plain.discoveryName, bytes: written.networkingMessage())
        #expect(read == plain)
    }

    @Test("what calls itself something else, or is not for waypoints, is refused")
    func refusals() throws {
        let bytes = try object(#"{"metadata":{"name":"v","namespace":"ns"}}"#).networkingMessage()
        for (name, bytes) in [
            ("VirtualService/ns/w", bytes), ("Secret/ns/v", bytes), ("VirtualService/ns/v", Array(bytes.dropLast())),
            ("VirtualService/ns/v", [1, 2, 3]), ("VirtualService/ns/v", []),
        ] {
            #expect(throws: ConversionError.self) { try Resource(networkingName: name, bytes: bytes) }
        }
    }
}
