import ControlPlane
import MeshModel
import Testing

@Suite("Resource API")
struct ResourceAPITests {
    @Test("create gives what the server owns, get returns it, a second create is refused")
    func create() async throws {
        let shop = try await APIHarness.shop()
        let web = try await shop.document(200, "GET", APIHarness.services + "/web")
        #expect(web.member("metadata", "namespace") == .string("shop"))
        #expect(web.member("metadata", "generation") == .int(1))
        #expect(web.member("metadata", "uid")?.asString?.isEmpty == false)
        #expect(web.member("metadata", "creationTimestamp")?.asString?.hasSuffix("Z") == true)
        let again = try await shop.document(409, "POST", APIHarness.services, APIHarness.service("web"))
        #expect(again["reason"] == .string("AlreadyExists"))
        #expect(again.member("details", "name") == .string("web"))
        #expect(again.member("details", "kind") == .string("services"))
    }

    @Test("every version of a kind shows the same object under its own apiVersion")
    func versions() async throws {
        let shop = try await APIHarness.shop()
        let body =
            #"{"apiVersion":"networking.istio.io/v1alpha3","kind":"WorkloadEntry","metadata":{"name":"a"},"spec":{"address":"10.0.0.1"}}"#
        let made = try await shop.document(
            201, "POST", "/apis/networking.istio.io/v1alpha3/namespaces/shop/workloadentries", body)
        #expect(made["apiVersion"] == .string("networking.istio.io/v1alpha3"))
        for version in ["v1", "v1beta1", "v1alpha3"] {
            let path = "/apis/networking.istio.io/\(version)/namespaces/shop/workloadentries"
            #expect(
                try await shop.document(200, "GET", path + "/a")["apiVersion"]
                    == .string("networking.istio.io/\(version)"))
            let list = try await shop.document(200, "GET", "/apis/networking.istio.io/\(version)/workloadentries")
            #expect(list["kind"] == .string("WorkloadEntryList"))
            #expect(list["items"]?.asArray?.first?["apiVersion"] == .string("networking.istio.io/\(version)"))
        }
        try await shop.document(404, "GET", "/apis/networking.istio.io/v2/workloadentries")
    }

    @Test("a PUT replaces, is bound to the version it names, and leaves the status alone")
    func replace() async throws {
        let shop = try await APIHarness.shop()
        var web = try await shop.document(200, "GET", APIHarness.services + "/web")
        web["status"] = .object(["loadBalancer": .object([:])])
        web["spec"]?["type"] = .string("ClusterIP")
        let written = try await shop.document(200, "PUT", APIHarness.services + "/web", web.compactText)
        #expect(written["status"] == nil)
        #expect(written.member("metadata", "generation") == .int(2))
        let stale = try await shop.document(409, "PUT", APIHarness.services + "/web", web.compactText)
        #expect(stale["reason"] == .string("Conflict"))
        #expect(stale["message"]?.asString?.contains("read it again") == true)
        try await shop.document(404, "PUT", APIHarness.services + "/nobody", APIHarness.service("nobody"))
        try await shop.document(400, "PUT", APIHarness.services + "/web", APIHarness.service("other"))
    }

    @Test("the status has its own path, which changes nothing else")
    func status() async throws {
        let shop = try await APIHarness.shop()
        let path = APIHarness.services + "/web/status"
        let patch = #"{"status":{"conditions":[]},"spec":{"type":"NodePort"}}"#
        let patched = try await shop.document(200, "PATCH", path, patch, type: "application/merge-patch+json")
        #expect(patched.member("status", "conditions") == .array([]))
        #expect(patched.member("spec", "type") == nil)
        #expect(patched.member("metadata", "generation") == .int(1))
        #expect(try await shop.document(200, "GET", path) == patched)
        try await shop.document(404, "GET", "/api/v1/namespaces/shop/serviceaccounts/default/status")
    }

    @Test("merge patches: null removes, lists are replaced; a Service's ports are merged by the strategic one")
    func patches() async throws {
        let shop = try await APIHarness.shop()
        let path = APIHarness.services + "/web"
        let merged = try await shop.document(
            200, "PATCH", path, #"{"metadata":{"labels":{"a":"b"}},"spec":{"ports":[{"port":81}],"selector":null}}"#,
            type: "application/merge-patch+json")
        #expect(merged.member("spec", "ports")?.asArray?.count == 1)
        #expect(merged.member("spec", "selector") == nil)
        let strategic = try await shop.document(
            200, "PATCH", path,
            #"{"spec":{"$setElementOrder/ports":[{"port":81},{"port":82}],"ports":[{"port":82,"name":"b"},{"port":81,"name":"a"}]}}"#,
            type: "application/strategic-merge-patch+json")
        #expect(strategic.member("spec", "ports")?.asArray?.map { $0["port"]?.asInt } == [81, 82])
        let removed = try await shop.document(
            200, "PATCH", path, #"{"spec":{"ports":[{"port":82,"$patch":"delete"}]}}"#,
            type: "application/strategic-merge-patch+json")
        #expect(removed.member("spec", "ports")?.asArray?.map { $0["port"]?.asInt } == [81])
        let unchanged = try await shop.document(200, "PATCH", path, "{}", type: "application/merge-patch+json")
        #expect(unchanged.member("metadata", "resourceVersion") == removed.member("metadata", "resourceVersion"))
        try await shop.document(415, "PATCH", path, "[]", type: "application/merge+json")
        let entries = "/apis/networking.istio.io/v1/namespaces/shop/workloadentries"
        try await shop.document(201, "POST", entries, #"{"metadata":{"name":"a"},"spec":{"address":"10.0.0.1"}}"#)
        try await shop.document(
            415, "PATCH", entries + "/a", "{}", type: "application/strategic-merge-patch+json")
        try await shop.document(
            422, "PATCH", path, #"{"spec":{"ports":[]}}"#, type: "application/merge-patch+json")
    }

    @Test("patches of many writers at once are all kept", .timeLimit(.minutes(1)))
    func concurrentPatches() async throws {
        let shop = try await APIHarness.shop()
        let statuses = await withTaskGroup(of: Int.self) { group in
            for index in 0..<4 {
                group.addTask {
                    await shop.call(
                        "PATCH", APIHarness.services + "/web", #"{"metadata":{"labels":{"l\#(index)":"x"}}}"#,
                        type: "application/merge-patch+json"
                    ).status
                }
            }
            return await group.reduce(into: [Int]()) { $0.append($1) }
        }
        #expect(statuses == [200, 200, 200, 200])
        let web = try await shop.document(200, "GET", APIHarness.services + "/web")
        #expect(web.member("metadata", "labels")?.asObject?.count == 4)
    }

    @Test("server-side apply creates, changes, removes what its manager no longer says, and keeps what others own")
    func apply() async throws {
        let shop = try await APIHarness.shop()
        let path = "/apis/networking.istio.io/v1/namespaces/shop/workloadentries/a"
        func body(_ spec: String) -> String {
            #"{"apiVersion":"networking.istio.io/v1","kind":"WorkloadEntry","metadata":{"name":"a"},"spec":\#(spec)}"#
        }
        let type = "application/apply-patch+yaml"
        try await shop.document(422, "PATCH", path, body(#"{"address":"10.0.0.1"}"#), type: type)
        let one = try await shop.document(
            201, "PATCH", path + "?fieldManager=one", body(#"{"address":"10.0.0.1","weight":2,"labels":{"a":"1"}}"#),
            type: type)
        #expect(one.member("spec", "weight") == .int(2))
        // A part is enough where the object is there, and the other manager's fields stay.
        try await shop.document(200, "PATCH", path + "?fieldManager=two", body(#"{"labels":{"b":"2"}}"#), type: type)
        let conflict = try await shop.document(
            409, "PATCH", path + "?fieldManager=two", body(#"{"address":"10.0.0.2"}"#), type: type)
        #expect(conflict["message"]?.asString?.contains("spec.address") == true)
        try await shop.document(
            200, "PATCH", path + "?fieldManager=two&force=true", body(#"{"address":"10.0.0.2"}"#), type: type)
        let last = try await shop.document(
            200, "PATCH", path + "?fieldManager=one", body(#"{"labels":{"a":"1"}}"#), type: type)
        #expect(last.member("spec", "weight") == nil)
        #expect(last.member("spec", "address") == .string("10.0.0.2"))
        #expect(last.member("spec", "labels") == .object(["a": .string("1")]))
        let again = try await shop.document(
            200, "PATCH", path + "?fieldManager=one", body(#"{"labels":{"a":"1"}}"#), type: type)
        #expect(again.member("metadata", "resourceVersion") == last.member("metadata", "resourceVersion"))
    }

    @Test("a dry run answers as the write would and stores nothing")
    func dryRun() async throws {
        let shop = try await APIHarness.shop()
        try await shop.document(201, "POST", APIHarness.services + "?dryRun=All", APIHarness.service("b"))
        try await shop.document(404, "GET", APIHarness.services + "/b")
        try await shop.document(409, "POST", APIHarness.services + "?dryRun=All", APIHarness.service("web"))
        try await shop.document(200, "DELETE", APIHarness.services + "/web?dryRun=All")
        try await shop.document(200, "GET", APIHarness.services + "/web")
        try await shop.document(
            200, "PATCH", APIHarness.services + "/web?dryRun=All", #"{"metadata":{"labels":{"a":"b"}}}"#,
            type: "application/merge-patch+json")
        #expect(
            try await shop.document(200, "GET", APIHarness.services + "/web").member("metadata", "labels")?["a"] == nil)
    }

    @Test("deletes: one, bound to a version, a selection, and a namespace with all that is in it")
    func delete() async throws {
        let shop = try await APIHarness.shop()
        for name in ["b", "c"] {
            try await shop.document(
                201, "POST", APIHarness.services, APIHarness.service(name, labels: #"{"group":"x"}"#))
        }
        try await shop.document(
            409, "DELETE", APIHarness.services + "/web", #"{"preconditions":{"resourceVersion":"1"}}"#)
        let gone = try await shop.document(200, "DELETE", APIHarness.services + "/web")
        #expect(gone.member("metadata", "name") == .string("web"))
        try await shop.document(404, "DELETE", APIHarness.services + "/web")
        try await shop.document(200, "DELETE", APIHarness.services + "?labelSelector=group%3Dx")
        #expect(try await shop.document(200, "GET", APIHarness.services)["items"]?.asArray?.isEmpty == true)
        try await shop.document(201, "POST", APIHarness.services, APIHarness.service("d"))
        let whole = try await shop.document(200, "DELETE", "/api/v1/namespaces/shop")
        #expect(whole["status"] == .string("Success"))
        try await shop.document(404, "GET", APIHarness.services + "/d")
        let missing = try await shop.document(404, "POST", APIHarness.services, APIHarness.service("d"))
        #expect(missing["message"]?.asString?.contains("namespaces \"shop\" not found") == true)
        try await shop.document(403, "DELETE", "/api/v1/namespaces/istio-system")
    }

    @Test(
        "selectors choose by labels and names",
        arguments: [
            ("labelSelector=tier%3Dfront", ["a", "b"]), ("labelSelector=tier!%3Dfront", ["c", "web"]),
            ("labelSelector=tier%20in%20(front,back)", ["a", "b", "c"]),
            ("labelSelector=tier%20notin%20(front)", ["c", "web"]),
            ("labelSelector=tier", ["a", "b", "c"]), ("labelSelector=!tier", ["web"]),
            ("labelSelector=tier%3Dfront,zone%3D1", ["a"]), ("fieldSelector=metadata.name%3Dweb", ["web"]),
            ("fieldSelector=metadata.name!%3Dweb", ["a", "b", "c"]), ("limit=1", ["a"]),
        ])
    func selectors(_ query: String, _ names: [String]) async throws {
        let shop = try await APIHarness.shop()
        for (name, labels) in [
            ("a", #"{"tier":"front","zone":"1"}"#), ("b", #"{"tier":"front"}"#), ("c", #"{"tier":"back"}"#),
        ] {
            try await shop.document(201, "POST", APIHarness.services, APIHarness.service(name, labels: labels))
        }
        let list = try await shop.document(200, "GET", APIHarness.services + "?" + query)
        #expect(list["items"]?.asArray?.compactMap { $0.member("metadata", "name")?.asString } == names)
    }

    @Test(
        "bad bodies are refused with what is wrong",
        arguments: [
            ("", "application/json", 400, "not JSON"), ("{", "application/json", 400, "line 1"),
            ("[]", "application/json", 400, "must be an object"), (#"{"a":1,"a":2}"#, "application/json", 400, "twice"),
            (String(repeating: "[", count: 500), "application/json", 400, "inside one another"),
            ("\u{0}", "application/yaml", 400, "YAML"), ("a: [1", "application/yaml", 400, "YAML"),
            ("a: 1\n---\nb: 2", "application/yaml", 400, "several documents"), ("", "application/yaml", 400, "empty"),
            ("a: 1\na: 2", "application/yaml", 400, "YAML"), ("!!python/object x", "application/yaml", 400, "tag"),
            ("x", "text/plain", 415, "application/json"),
            ("x", "application/vnd.kubernetes.protobuf", 415, "application/json"),
            (#"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a"}}"#, "application/json", 422, "ambitctl enroll"),
            (
                #"{"kind":"Namespace","apiVersion":"v1","metadata":{"name":"a"}}"#, "application/json", 400,
                "does not belong at this path"
            ),
            (#"{"metadata":{"name":"a","namespace":"other"}}"#, "application/json", 422, "spec: is required"),
            (
                #"{"metadata":{"name":"a"},"spec":{"ports":[{"port":"80"}]}}"#, "application/json", 422,
                "spec.ports[0].port"
            ),
        ])
    func badBodies(_ body: String, _ type: String, _ status: Int, _ words: String) async throws {
        let shop = try await APIHarness.shop()
        let document = try await shop.document(status, "POST", APIHarness.services, body, type: type)
        #expect(document["kind"] == .string("Status"))
        #expect(document["message"]?.asString?.contains(words) == true, "\(document.compactText)")
        #expect(try await shop.document(200, "GET", APIHarness.services)["items"]?.asArray?.count == 1)
    }

    @Test("an alias that would blow up a document is refused")
    func aliases() async throws {
        let shop = try await APIHarness.shop()
        var text = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
        for level in 1..<8 {
            let previous = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ",")
            text += "a\(level): &a\(level) [\(previous)]\n"
        }
        let document = try await shop.document(400, "POST", APIHarness.services, text, type: "application/yaml")
        #expect(document["message"]?.asString?.contains("100000 values") == true, "\(document.compactText)")
    }

    @Test("every wrong field is a cause with its place, and warnings come with what is accepted")
    func causes() async throws {
        let shop = try await APIHarness.shop()
        let body = #"{"metadata":{"name":"a"},"spec":{"ports":[{"port":0,"prt":1}],"typ":"x"}}"#
        let refused = try await shop.document(422, "POST", APIHarness.services, body)
        let causes = refused.member("details", "causes")?.asArray ?? []
        #expect(causes.compactMap { $0["field"]?.asString } == ["spec.ports[0].port", "spec.ports[0].prt", "spec.typ"])
        #expect(causes.last?["message"] == .string("unknown field; did you mean type?"))
        let accepted = await shop.call(
            "POST", APIHarness.services, #"{"metadata":{"name":"a"},"spec":{"type":"NodePort","ports":[{"port":80}]}}"#)
        #expect(accepted.status == 201)
        #expect(
            accepted.warnings == [
                "spec.type: acts as ClusterIP here: services are reached from enrolled workloads only"
            ])
    }

    @Test("a Gateway that no gateway of the mesh serves, and a VirtualService for one that is not there, say so")
    func missingGateway() async throws {
        let shop = try await APIHarness.shop()
        let group = "/apis/networking.istio.io/v1/namespaces/shop/"
        let route = #""http":[{"route":[{"destination":{"host":"web"}}]}]"#
        func warnings(_ kind: String, _ name: String, _ spec: String) async -> [String] {
            let made = await shop.call("POST", group + kind, #"{"metadata":{"name":"\#(name)"},"spec":\#(spec)}"#)
            #expect(made.status == 201, "\(kind) \(made.warnings)")
            return made.warnings.filter { $0.contains("has no effect") }
        }
        let gateway =
            #"{"selector":{"istio":"in"},"servers":[{"port":{"number":80,"name":"http","protocol":"HTTP"},"hosts":["*"]}]}"#
        let routed = #"{"hosts":["a.example"],"gateways":["front"],\#(route)}"#
        let early = await warnings("virtualservices", "early", routed)
        #expect(early == ["it has no effect at the Gateway shop/front yet, which does not exist"])
        let unserved = await warnings("gateways", "front", gateway)
        #expect(unserved.count == 1 && unserved[0].contains("ambitctl gateway apply NAME --labels istio=in"))
        #expect(await warnings("virtualservices", "late", routed) == [])
        let made = await shop.call(
            "POST", APIHarness.services,
            #"{"metadata":{"name":"in","labels":{"ambit.io/gateway":"true"}},"spec":{"selector":{"istio":"in","app":"in"},"ports":[{"port":80}]}}"#
        )
        #expect(made.status == 201)
        #expect(await warnings("gateways", "second", gateway) == [])
    }

    @Test("a rule for a service that no waypoint takes requests of says so at each write")
    func missingWaypoint() async throws {
        let shop = try await APIHarness.shop()
        let group = "/apis/networking.istio.io/v1/namespaces/shop/"
        func warnings(_ method: String, _ path: String, _ body: String) async -> [String] {
            await shop.call(method, group + path, body).warnings.filter { $0.contains("no waypoint takes") }
        }
        let rule = #"{"metadata":{"name":"web"},"spec":{"host":"web"}}"#
        let routes =
            #"{"metadata":{"name":"web"},"spec":{"hosts":["web.shop.svc.cluster.local","none","*.example"],"#
            + #""http":[{"directResponse":{"status":204}}]}}"#
        #expect(await warnings("POST", "destinationrules", rule).count == 1)
        #expect(await warnings("POST", "virtualservices", routes).count == 1)
        try await shop.document(
            200, "PUT", "/api/v1/namespaces/shop",
            #"{"metadata":{"name":"shop","labels":{"istio.io/use-waypoint":"waypoint"}}}"#)
        #expect(await warnings("PUT", "destinationrules/web", rule).isEmpty)
        try await shop.document(
            200, "PUT", APIHarness.services + "/web",
            APIHarness.service("web", labels: #"{"istio.io/use-waypoint":"none"}"#))
        #expect(await warnings("PUT", "virtualservices/web", routes).count == 1)
    }

    @Test("YAML is taken as it is meant")
    func yaml() async throws {
        let shop = try await APIHarness.shop()
        let text = """
            metadata: {name: y, annotations: {answer: "yes", time: 10:30}}
            spec:
              selector: &labels {app: y}
              ports: [{port: 0x50}]
            """
        let made = try await shop.document(201, "POST", APIHarness.services, text, type: "application/yaml")
        #expect(made.member("metadata", "annotations", "time") == .string("10:30"))
        #expect(made.member("spec", "ports")?.asArray?.first?["port"] == .int(80))
    }

    @Test(
        "who has no role learns what there is and nothing else; who is nobody not even that",
        arguments: [("/api", 200), ("/version", 200), ("/api/v1/services", 403), ("/nowhere", 403)])
    func strangers(_ path: String, _ status: Int) async throws {
        let shop = try await APIHarness.shop()
        #expect(await shop.call("GET", path, user: APIUser(name: "", groups: ["ambit:admins"])).status == 401)
        let reply = await shop.call("GET", path, user: APIUser(name: "node-1", groups: ["ambit:nodes"]))
        #expect(reply.status == status)
        guard status == 403, case .document(let document) = reply.body else { return }
        #expect(document["reason"] == .string("Forbidden"))
        #expect(document["message"]?.asString?.contains("\"node-1\"") == true)
    }

    @Test(
        "paths that are not served",
        arguments: [
            ("GET", "/", 404), ("GET", "/api/v2", 404), ("GET", "/apis/apps/v1/deployments", 404),
            ("POST", "/version", 404),
            ("GET", "/api/v1/pods", 404), ("PUT", "/api/v1/namespaces", 405), ("POST", "/api/v1/namespaces/shop", 405),
            ("GET", "/api/v1/namespaces/shop/services/web/log", 404), ("GET", "/api/v1/services/web", 404),
            ("POST", "/api/v1/services", 405), ("HEAD", "/api/v1/services", 405),
            ("GET", "/apis/networking.istio.io/v1/namespaces/shop/authorizationpolicies", 404),
        ])
    func unserved(_ method: String, _ path: String, _ status: Int) async throws {
        let shop = try await APIHarness.shop()
        try await shop.document(status, method, path, APIHarness.service("x"))
    }
}
