import Testing
import ZtunnelCore

/// Files of enroll.d: what they may say, and how what they may not say is refused.
@Suite struct EnrolmentDocumentsTests {
    private func read(_ text: String) throws -> [EnrolmentRecord] {
        try EnrolmentDocuments.read(Array(text.utf8), file: "f.yaml")
    }

    @Test func aFileHoldsAnyNumberOfEnrolments() throws {
        let records = try read(
            """
            # The shop.
            kind: unit            # a service
            target: frontend.service
            namespace: shop
            serviceAccount: 'front''end'
            labels: {app: frontend, "tier/x": "a, \\"b\\""}
            ports:
              http: 8080
              # scraped
              metrics: 9090
            weight: 2
            locality: eu/de/a

            ---
            kind: user
            target: batch
            namespace: shop
            labels:
            ---
            ...

            """.split(separator: "'front''end'").joined(separator: "frontend"))
        #expect(records.map(\.uid) == ["shop/frontend", "shop/batch"])
        let first = try #require(records.first)
        #expect(first.labels == ["app": "frontend", "tier/x": "a, \"b\""])
        #expect(first.ports == ["http": 8080, "metrics": 9090] && first.weight == 2 && first.locality == "eu/de/a")
        #expect(first.serviceAccount == "frontend" && first.source == "f.yaml" && first.target.kind == "unit")
        #expect(records[1].labels.isEmpty && records[1].serviceAccount == "default")
        #expect(try read("").isEmpty && read("\n# nothing\n---\n").isEmpty)
        #expect(try read("kind: unit\r\ntarget: web\r\n").first?.uid == "default/web")
    }

    @Test(arguments: [
        ("kind unit", "f.yaml:1: 'kind' has no value"),
        ("kind: unit\n\ttarget: a", "f.yaml:2: a tab begins the line"),
        ("kind: unit\ntarget: a\nkind: user", "f.yaml:3: 'kind' is there twice, first in line 1"),
        ("kind: unit\n  target: a", "f.yaml:2: 'target' is indented, but no name above it is open"),
        ("ports:\n  a: 1\n   b: 2", "f.yaml:3: 'b' is indented by 3, the line above it otherwise"),
        ("ports:\n  a:\n    b: 2", "f.yaml:2: 'a' below 'ports' is not a single value"),
        ("labels:\n  - a", "f.yaml:2: the line begins with -"),
        ("kind: [unit]", "f.yaml:1: 'kind' is not a single value"),
        ("labels: [a, b]", "f.yaml:1: 'labels' is a single value"),
        ("labels:\n  a: [b]", "f.yaml:2: 'a' below 'labels' is not a single value"),
        ("labels: {a: [b]}", "f.yaml:1: the value begins with '['"),
        ("kind: [unit", "f.yaml:1: a ] is missing"),
        ("kind: [a,, b]", "f.yaml:1: the value begins with ','"),
        ("kind: &a unit", "f.yaml:1: the value begins with '&'"),
        ("kind: |", "f.yaml:1: the value begins with '|'"),
        ("kind: a: b", "f.yaml:1: the value holds ': '"),
        ("kind: \"unit", "f.yaml:1: a closing \" is missing"),
        ("kind: \"a\\n\"", "f.yaml:1: an escape other than"),
        ("kind: 'unit' x", "f.yaml:1: 'x' follows the value"),
        ("labels: {a: b", "f.yaml:1: a } is missing"),
        ("labels: {a: {b: c}}", "f.yaml:1: 'a' is not a single value"),
        ("labels: {a: b, a: c}", "f.yaml:1: 'a' is there twice"),
        ("kind: un\u{1}it", "f.yaml:1: the line holds a control character"),
        ("kind: unit\ntarget: a\ntargets: b", "f.yaml:3: 'targets' is not a field of an enrolment"),
        ("kind: unit\nlabels: x\ntarget: a", "f.yaml:2: 'labels' is a single value"),
        ("kind: unit\ntarget: {a: b}", "f.yaml:2: 'target' is not a single value"),
        ("kind: unit\ntarget: a\nports: {http: eighty}", "f.yaml:3: 'http' is 'eighty'"),
        ("kind: unit\ntarget: a\nports: {http: 70000}", "f.yaml:3: the port 'http' has the number 70000"),
        ("kind: unit\ntarget: a\nweight: -1", "f.yaml:3: 'weight' is '-1'"),
        ("target: a", "f.yaml:1: the enrolment has no kind"),
        ("kind: unit", "f.yaml:1: the enrolment has no target"),
        ("\nkind: pod\ntarget: a", "f.yaml:2: the kind of the enrolment is 'pod'"),
        ("kind: unit\ntarget: a\nname: A_b", "f.yaml:3: name is 'A_b'"),
        ("kind: unit\ntarget: a\n---\nkind: user\ntarget: a", "f.yaml:4: default/a is enrolled twice in this file"),
    ])
    func whatCannotBeReadIsNamedByLineWithARemedy(text: String, problem: String) {
        let error = #expect(throws: EnrolmentDocuments.Problem.self) { try read(text) }
        #expect(error?.description.hasPrefix(problem) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("; ") == true)
    }

    @Test func limitsAreReached() {
        let large = String(repeating: "#", count: EnrolmentRecord.requestLimit + 1)
        #expect(throws: EnrolmentDocuments.Problem.self) { try read(large) }
        let many = (0...EnrolmentDocuments.documentLimit).map { "kind: unit\ntarget: u\($0)\n---\n" }.joined()
        let error = #expect(throws: EnrolmentDocuments.Problem.self) { try read(many) }
        #expect(error?.description.contains("more than \(EnrolmentDocuments.documentLimit)") == true)
    }

    @Test func noBytesAreTooMuchForTheReader() {
        #expect(throws: EnrolmentDocuments.Problem.self) { try EnrolmentDocuments.read([0xff, 0xfe], file: "f") }
    }
}
