import MeshModel
import MeshPolicy
import Testing

/// A stored policy that this version cannot read (DESIGN D11): it denies what it may be for.
@Suite("Policies that cannot be read")
struct UnreadablePolicyTests {
    private static let client = "cluster.local/ns/shop/sa/client"

    private func allows(_ resources: [Resource], from client: String? = Self.client) throws -> Bool {
        try Given.allows(resources + [try Given.entry()], from: client)
    }

    @Test(
        "an AuthorizationPolicy denies the workloads that it selects, or all where that is in doubt",
        arguments: [
            // Of workloads with app=web, in shop.
            ("shop", #"{"action":"PERHAPS","selector":{"matchLabels":{"app":"web"}}}"#, false),
            ("shop", #"{"action":"PERHAPS","selector":{"matchLabels":{"app":"db"}}}"#, true),
            ("shop", #"{"newField":1}"#, false),
            ("shop", #"{"selector":{"matchLabels":{"app":7}}}"#, false),
            ("shop", #"{"selector":{"matchLabels":{"app":"db"},"matchExpressions":[]}}"#, false),
            ("shop", #"{"selector":"app=db"}"#, false),
            ("shop", #"{"rules":"all"}"#, false),
            ("other", #"{"newField":1}"#, true),
            ("istio-system", #"{"newField":1}"#, false),
            ("istio-system", #"{"newField":1,"selector":{"matchLabels":{"app":"db"}}}"#, true),
            // A waypoint's policy is not ztunnel's to enforce, read or unread.
            ("shop", #"{"newField":1,"targetRefs":[{"kind":"Service","name":"web"}]}"#, true),
        ])
    func authorization(_ namespace: String, _ spec: String, _ isAllowed: Bool) throws {
        let policy = try Given.resource(.authorizationPolicy, "p", in: namespace, spec: spec)
        #expect(try allows([policy]) == isAllowed)
        // An ALLOW policy beside it opens nothing.
        let open = try Given.resource(.authorizationPolicy, "open", spec: #"{"rules":[{}]}"#)
        #expect(try allows([policy, open]) == isAllowed)
    }

    @Test("it is said which policy, why, and what is refused until when")
    func warning() throws {
        let policy = try Given.resource(.authorizationPolicy, "p", spec: #"{"newField":1}"#)
        let warning = try #require(compile([policy]).warnings.first)
        #expect(warning.code == .invalid)
        #expect(warning.message.contains("newField"))
        #expect(warning.message.contains("until it is written again"))
    }

    @Test("one that is only tried refuses nothing")
    func dryRun() throws {
        let policy = try Given.resource(
            .authorizationPolicy, "p", annotations: ["istio.io/dry-run": "true"], spec: #"{"newField":1}"#)
        #expect(try allows([policy]))
    }

    @Test(
        "a PeerAuthentication is STRICT for what it selects, or for all",
        arguments: [
            ("shop", #"{"mtls":{"mode":"MAYBE"}}"#, false), ("shop", #"{"newField":1}"#, false),
            ("shop", #"{"newField":1,"selector":{"matchLabels":{"app":"web"}}}"#, false),
            ("shop", #"{"newField":1,"selector":{"matchLabels":{"app":"db"}}}"#, true),
            ("istio-system", #"{"newField":1}"#, false), ("other", #"{"newField":1}"#, true),
        ])
    func peers(_ namespace: String, _ spec: String, _ takesPlaintext: Bool) throws {
        let policy = try Given.resource(.peerAuthentication, "p", in: namespace, spec: spec)
        #expect(try allows([policy], from: nil) == takesPlaintext)
        #expect(try allows([policy]))
    }

    @Test(
        "what is no policy is left out, with a warning",
        arguments: [ResourceKind.service, .serviceEntry, .workloadEntry])
    func others(_ kind: ResourceKind) throws {
        let mesh = compile([try Given.resource(kind, "p", spec: #"{"newField":1}"#)])
        #expect(mesh.services.isEmpty && mesh.workloads.isEmpty)
        #expect(mesh.warnings.map(\.code) == [.invalid])
    }
}
