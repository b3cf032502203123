import Foundation
import MeshModel
import Testing

@Suite("Validation")
struct ValidationTests {
    /// The files are rewritten with AMBIT_REWRITE_GOLDENS=1; read the difference before it is committed.
    @Test("each case is accepted, warned about or refused in these words", arguments: ValidationCase.all)
    func words(_ one: ValidationCase) throws {
        #expect(try one.actual() == one.expected)
    }

    @Test("the tables are there")
    func tables() {
        #expect(ValidationCase.all.count >= 200)
        #expect(Set(ValidationCase.all.map(\.file)).count == 8)
        #expect(Set(ValidationCase.all.map(\.testDescription)).count == ValidationCase.all.count)
    }

    @Test(
        "rewrites the expectations when asked to",
        .enabled(if: ProcessInfo.processInfo.environment["AMBIT_REWRITE_GOLDENS"] == "1"))
    func rewrite() throws {
        for file in Set(ValidationCase.all.map(\.file)) {
            let blocks = try ValidationCase.read(file).map { one in
                "# \(one.title)\n\(one.input)\n----\n" + (try one.actual().joined(separator: "\n"))
            }
            try (blocks.joined(separator: "\n\n") + "\n").write(
                to: ValidationCase.folder.appending(path: file), atomically: true, encoding: .utf8)
        }
    }

    @Test(
        "every kind is accepted in every version that is served, and keeps the stored one",
        arguments: ResourceKind.allCases)
    func versions(_ kind: ResourceKind) throws {
        let spec: [ResourceKind: JSONValue] = [
            .service: ["ports": .array([["name": "http", "port": .int(80)]]), "selector": ["app": "a"]],
            .serviceEntry: ["hosts": .array(["a.example.com"])], .workloadEntry: ["address": "10.0.0.1"],
            .workloadGroup: ["template": ["serviceAccount": "a"]],
            .virtualService: [
                "hosts": .array(["a"]), "http": .array([["route": .array([["destination": ["host": "a"]]])]]),
            ],
            .destinationRule: ["host": "a"],
            .gateway: [
                "servers": .array([
                    ["port": ["number": .int(80), "name": "http", "protocol": "HTTP"], "hosts": .array(["*"])]
                ])
            ],
        ]
        for version in kind.versions {
            var document: JSONValue = [
                "apiVersion": .string(kind.apiVersion(version)), "kind": .string(kind.kind), "metadata": ["name": "a"],
            ]
            document["spec"] = spec[kind]
            let resource = try Validation.validate(document).get().resource
            #expect(resource.kind == kind)
            #expect(resource.object["apiVersion"]?.asString == kind.apiVersion())
        }
    }

    @Test("what is wrong is bounded: a hostile document has no answer larger than itself")
    func bounds() {
        let ports = JSONValue.array(Array(repeating: .string("x"), count: 10_000))
        let document: JSONValue = [
            "apiVersion": "v1", "kind": "Service", "metadata": ["name": "a"], "spec": ["ports": ports],
        ]
        guard case .failure(let found) = Validation.validate(document) else {
            Issue.record("10,000 wrong ports were accepted")
            return
        }
        #expect(found.problems.count == FieldProblems.limit)
    }

    @Test("bounds of lists: rules, hosts and service accounts")
    func lists() {
        func problems(_ kind: String, _ group: String, _ spec: JSONValue) -> [String] {
            let document: JSONValue = [
                "apiVersion": .string(group + "/v1"), "kind": .string(kind), "metadata": ["name": "a"], "spec": spec,
            ]
            if case .failure(let found) = Validation.validate(document) { return found.problems.map(\.description) }
            return []
        }
        let rules = { JSONValue.array(Array(repeating: [:], count: $0)) }
        #expect(problems("AuthorizationPolicy", "security.istio.io", ["rules": rules(512)]).isEmpty)
        #expect(
            problems("AuthorizationPolicy", "security.istio.io", ["rules": rules(513)])
                == ["spec.rules: \"513\" rules are too many; write at most 512 in a policy"])
        let hosts = { (count: Int) in JSONValue.array((0..<count).map { .string("h\($0).example.com") }) }
        #expect(problems("ServiceEntry", "networking.istio.io", ["hosts": hosts(256)]).isEmpty)
        #expect(
            problems("ServiceEntry", "networking.istio.io", ["hosts": hosts(257)])
                == ["spec.hosts: \"257\" hosts are too many; write at most 256 in one ServiceEntry"])
        let accounts = { (count: Int) -> JSONValue in
            let names = JSONValue.array((0..<count).map { .string("a\($0)") })
            return ["rules": .array([["from": .array([["source": ["serviceAccounts": names]]])]])]
        }
        #expect(problems("AuthorizationPolicy", "security.istio.io", accounts(16)).isEmpty)
        #expect(problems("AuthorizationPolicy", "security.istio.io", accounts(17)).count == 1)
    }
}
