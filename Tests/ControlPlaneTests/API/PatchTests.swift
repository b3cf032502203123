import ControlPlane
import MeshModel
import Testing

@Suite("Patches, RFC 6902 and Kubernetes' own")
struct PatchTests {
    static let entries = "/apis/networking.istio.io/v1/namespaces/shop/workloadentries"

    /// A harness with an entry whose annotations are `{"a":"1","b":"2"}` and whose ports are http and db.
    static func harness() async throws -> APIHarness {
        let harness = try await APIHarness.shop()
        try await harness.document(
            201, "POST", entries,
            #"{"metadata":{"name":"e","annotations":{"a":"1","b":"2"}},"spec":{"address":"10.0.0.1","ports":{"http":80,"db":5432}}}"#
        )
        return harness
    }

    @Test(
        "every operation, and what does not fit changes nothing",
        arguments: [
            (#"[{"op":"add","path":"/spec/weight","value":3}]"#, 200),
            (#"[{"op":"add","path":"/metadata/annotations/x~1y","value":"z"}]"#, 200),
            (#"[{"op":"remove","path":"/spec/ports/db"}]"#, 200),
            (#"[{"op":"replace","path":"/spec/address","value":"10.0.0.2"}]"#, 200),
            (#"[{"op":"move","from":"/metadata/annotations/a","path":"/metadata/annotations/c"}]"#, 200),
            (#"[{"op":"copy","from":"/metadata/annotations/a","path":"/metadata/annotations/c"}]"#, 200),
            (#"[{"op":"test","path":"/spec/ports","value":{"db":5432,"http":80}}]"#, 200),
            (#"[{"op":"test","path":"/spec/address","value":"10.0.0.9"}]"#, 422),
            (#"[{"op":"add","path":"/spec/weight","value":3},{"op":"test","path":"/spec/weight","value":4}]"#, 422),
            (#"[{"op":"remove","path":"/spec/nothing"}]"#, 422),
            (#"[{"op":"replace","path":"/spec/nothing","value":1}]"#, 422),
            (#"[{"op":"add","path":"/spec/no/where","value":1}]"#, 422),
            (#"[{"op":"move","from":"/spec","path":"/spec/inner"}]"#, 422),
            (#"[{"op":"remove","path":""}]"#, 422),
            (#"[{"op":"add","path":"spec","value":1}]"#, 400),
            (#"[{"op":"add","path":"/spec~2","value":1}]"#, 400),
            (#"[{"op":"add","path":"/spec/weight"}]"#, 400),
            (#"[{"op":"multiply","path":"/spec","value":1}]"#, 400),
            (#"{"op":"add"}"#, 400),
            // What it leads to is validated like any document.
            (#"[{"op":"add","path":"/spec/wait","value":3}]"#, 422),
        ])
    func operations(_ patch: String, _ status: Int) async throws {
        let harness = try await Self.harness()
        let before = try await harness.document(200, "GET", Self.entries + "/e")
        try await harness.document(status, "PATCH", Self.entries + "/e", patch, type: "application/json-patch+json")
        if status != 200 { #expect(try await harness.document(200, "GET", Self.entries + "/e") == before) }
    }

    @Test("elements of lists by index and at the end")
    func lists() async throws {
        let shop = try await APIHarness.shop()
        let patched = try await shop.document(
            200, "PATCH", APIHarness.services + "/web",
            #"[{"op":"add","path":"/spec/ports/-","value":{"port":82,"name":"c"}},{"op":"add","path":"/spec/ports/0","value":{"port":81,"name":"b"}},{"op":"remove","path":"/spec/ports/1"}]"#,
            type: "application/json-patch+json")
        #expect(patched.member("spec", "ports")?.asArray?.map { $0["port"]?.asInt } == [81, 82])
        for place in ["7", "01", "-1", "x"] {
            try await shop.document(
                422, "PATCH", APIHarness.services + "/web", #"[{"op":"remove","path":"/spec/ports/\#(place)"}]"#,
                type: "application/json-patch+json")
        }
    }

    @Test("copies of copies, and endless lists of operations, are bounded")
    func bounds() async throws {
        let harness = try await Self.harness()
        let doubling = (0..<24).map { #"{"op":"copy","from":"/metadata","path":"/metadata/c\#($0)"}"# }
        let refused = try await harness.document(
            422, "PATCH", Self.entries + "/e", "[" + doubling.joined(separator: ",") + "]",
            type: "application/json-patch+json")
        #expect(refused["message"]?.asString?.contains("copies") == true)
        let many = Array(repeating: #"{"op":"test","path":"/kind","value":"WorkloadEntry"}"#, count: 10_001)
        try await harness.document(
            413, "PATCH", Self.entries + "/e", "[" + many.joined(separator: ",") + "]",
            type: "application/json-patch+json")
    }

    @Test(
        "directives of the strategic merge patch",
        arguments: [
            (#"{"spec":{"selector":{"$patch":"replace","tier":"x"}}}"#, #"{"tier":"x"}"#, "selector"),
            (#"{"spec":{"selector":{"$retainKeys":["tier"],"tier":"y"}}}"#, #"{"tier":"y"}"#, "selector"),
            (
                #"{"spec":{"ports":[{"$patch":"replace"},{"port":90,"name":"n"}]}}"#, #"[{"port":90,"name":"n"}]"#,
                "ports"
            ),
            (
                #"{"spec":{"ports":[{"port":90,"name":"n"}],"$setElementOrder/ports":[{"port":90},{"port":80}]}}"#,
                #"[{"port":90,"name":"n"},{"name":"http","port":80,"targetPort":8080}]"#, "ports"
            ),
        ])
    func directives(_ patch: String, _ expected: String, _ member: String) async throws {
        let shop = try await APIHarness.shop()
        let patched = try await shop.document(
            200, "PATCH", APIHarness.services + "/web", patch, type: "application/strategic-merge-patch+json")
        #expect(patched.member("spec", member) == (try JSONValue(parsing: expected.utf8)))
    }

    @Test("an unknown directive, and an element without its key, are refused by name")
    func unknownDirectives() async throws {
        let shop = try await APIHarness.shop()
        for (patch, status, word) in [
            (#"{"spec":{"$teleport":1}}"#, 415, "$teleport"), (#"{"spec":{"ports":[{"name":"x"}]}}"#, 422, "port"),
            (#"{"$patch":"explode"}"#, 415, "explode"),
        ] {
            let refused = try await shop.document(
                status, "PATCH", APIHarness.services + "/web", patch, type: "application/strategic-merge-patch+json")
            #expect(refused["message"]?.asString?.contains(word) == true)
        }
    }
}
