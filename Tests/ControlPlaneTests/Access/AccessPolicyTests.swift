import MeshModel
import Testing

@testable import ControlPlane

/// The whole table of who may do what; nothing else is allowed.
@Suite("Roles")
struct AccessPolicyTests {
    static let admin = "ambit:admins"
    static let editor = "ambit:editor:shop"
    static let reader = "ambit:readers"
    static let shopReader = "ambit:reader:shop"

    /// A group, what it wants, and whether it may.
    struct Case: Sendable, CustomTestStringConvertible {
        let group: String
        let verb: String
        let target: AccessRequest.Target
        let isAllowed: Bool

        init(_ group: String, _ verb: String, _ target: AccessRequest.Target, _ isAllowed: Bool) {
            self.group = group
            self.verb = verb
            self.target = target
            self.isAllowed = isAllowed
        }

        var testDescription: String { "\(group) \(verb) \(target)" }
    }

    static func object(
        _ resource: String, in namespace: String, group: String = "", name: String = "", subresource: String = ""
    ) -> AccessRequest.Target {
        .resource(group: group, resource: resource, subresource: subresource, namespace: namespace, name: name)
    }

    static let policies = "authorizationpolicies"
    static let security = "security.istio.io"

    static let cases: [Case] = [
        // administrators
        Case(admin, "delete", object("namespaces", in: "shop", name: "shop"), true),
        Case(admin, "create", object(policies, in: "other", group: security), true),
        Case(admin, "post", .path("/ambit/v1/clientcertificates"), true),
        Case(admin, "get", .path("/ambit/v1/anything"), true),
        // editors of a namespace
        Case(editor, "create", object("services", in: "shop"), true),
        Case(editor, "patch", object(policies, in: "shop", group: security, name: "a"), true),
        Case(editor, "deletecollection", object("services", in: "shop"), true),
        Case(editor, "watch", object("services", in: "shop"), true),
        Case(editor, "update", object("services", in: "shop", name: "a", subresource: "status"), true),
        Case(editor, "get", object("namespaces", in: "shop", name: "shop"), true),
        Case(editor, "create", object("services", in: "other"), false),
        Case(editor, "get", object("services", in: "other", name: "a"), false),
        Case(editor, "watch", object("services", in: "other"), false),
        Case(editor, "list", object("services", in: ""), false),
        Case(editor, "watch", object("services", in: ""), false),
        Case(editor, "create", object(policies, in: "istio-system", group: security), false),
        Case(editor, "list", object("namespaces", in: ""), false),
        Case(editor, "create", object("namespaces", in: ""), false),
        Case(editor, "get", object("namespaces", in: "other", name: "other"), false),
        Case(editor, "patch", object("namespaces", in: "shop", name: "shop"), false),
        Case(editor, "delete", object("namespaces", in: "shop", name: "shop"), false),
        Case(editor, "update", object("namespaces", in: "shop", name: "shop", subresource: "status"), false),
        Case(editor, "get", object("secrets", in: "shop"), true),
        Case(editor, "get", object("secrets", in: "office"), false),
        Case(editor, "get", object("configmaps", in: "shop"), false),
        Case(editor, "create", object("services", in: "shop", group: "apps"), false),
        Case(editor, "impersonate", object("services", in: "shop"), false),
        Case(editor, "get", .path("/ambit/v1/status"), false),
        Case(editor, "post", .path("/ambit/v1/clientcertificates"), false),
        // readers of everything
        Case(reader, "list", object("services", in: ""), true),
        Case(reader, "watch", object(policies, in: "", group: security), true),
        Case(reader, "get", object("namespaces", in: "shop", name: "shop"), true),
        Case(reader, "get", .path("/ambit/v1/status"), true),
        Case(reader, "patch", object("services", in: "shop", name: "a"), false),
        Case(reader, "delete", object("services", in: "shop", name: "a"), false),
        Case(reader, "deletecollection", object("services", in: "shop"), false),
        Case(reader, "update", object("services", in: "shop", name: "a", subresource: "status"), false),
        Case(reader, "get", .path("/ambit/v1/tokens"), false),
        Case(reader, "post", .path("/ambit/v1/status"), false),
        Case(reader, "get", object("nodes", in: ""), false),
        // readers of a namespace
        Case(shopReader, "list", object("services", in: "shop"), true),
        Case(shopReader, "list", object("services", in: "other"), false),
        Case(shopReader, "list", object("services", in: ""), false),
        Case(shopReader, "get", .path("/ambit/v1/status"), false),
        // everybody with a name, and groups that give nothing
        Case("nothing", "get", .path("/apis/security.istio.io/v1"), true),
        Case("nothing", "get", .path("/openapi/v2"), true),
        Case("nothing", "create", object("selfsubjectaccessreviews", in: "", group: "authorization.k8s.io"), true),
        Case("nothing", "create", object("subjectaccessreviews", in: "", group: "authorization.k8s.io"), false),
        Case("nothing", "post", .path("/api"), false),
        Case("nothing", "get", .path("/ambit/v1/status"), false),
        Case("ambit:editor:", "get", object("services", in: ""), false),
        Case("ambit:editor:*", "get", object("services", in: "shop"), false),
        Case("ambit:editor:shop:x", "get", object("services", in: "shop"), false),
        Case("AMBIT:ADMINS", "get", object("services", in: "shop"), false),
        Case("system:masters", "get", object("services", in: "shop"), false),
    ]

    @Test("the table", arguments: cases)
    func table(_ one: Case) {
        let user = APIUser(name: "jane", groups: [one.group])
        let request = AccessRequest(verb: one.verb, target: one.target)
        #expect(AccessPolicy.decide(user, request).isAllowed == one.isAllowed)
        // Roles add up, and nobody is somebody by groups alone.
        let more = APIUser(name: "jane", groups: ["nothing", one.group, "ambit:reader:elsewhere"])
        #expect(AccessPolicy.decide(more, request).isAllowed == one.isAllowed)
        #expect(!AccessPolicy.decide(APIUser(name: "", groups: [one.group]), request).isAllowed)
    }

    @Test("the group of a role is read back as that role")
    func roundTrip() {
        for role in [.administrator, .editor(namespace: "a"), .reader(namespace: nil), .reader(namespace: "b")]
            as [AccessRole]
        {
            #expect(AccessRole(group: role.group) == role)
        }
    }

    @Test(
        "a refusal is in kubectl's words",
        arguments: [
            (
                AccessRequest(verb: "list", target: object(policies, in: "other", group: security)),
                #"authorizationpolicies.security.istio.io is forbidden: User "jane" cannot list resource "authorizationpolicies" in API group "security.istio.io" in the namespace "other""#
            ),
            (
                AccessRequest(verb: "update", target: object("services", in: "x", name: "web", subresource: "status")),
                #"services/status "web" is forbidden: User "jane" cannot update resource "services/status" in API group "" in the namespace "x""#
            ),
            (
                AccessRequest(verb: "delete", target: object("namespaces", in: "x", name: "x")),
                #"namespaces "x" is forbidden: User "jane" cannot delete resource "namespaces" in API group "" at the cluster scope"#
            ),
            (
                AccessRequest(verb: "get", target: .path("/ambit/v1/status")),
                #"forbidden: User "jane" cannot get path "/ambit/v1/status""#
            ),
        ])
    func refusals(_ request: AccessRequest, _ expected: String) {
        #expect(request.refusal(of: "jane") == expected)
    }
}
