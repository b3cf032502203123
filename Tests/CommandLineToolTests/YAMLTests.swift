import Testing

@testable import CommandLineTool
@testable import MeshModel

/// Reading YAML with positions (YAML 1.2 core schema) and writing it.
@Suite struct YAMLTests {
    private func read(_ text: String) -> (documents: [InputDocument], problems: [DocumentProblem]) {
        YAMLReader.read([UInt8](text.utf8), source: "file.yaml")
    }

    @Test(arguments: [
        ("1", JSONValue.int(1)), ("-7", .int(-7)), ("0x1F", .int(31)), ("0o17", .int(15)), ("0755", .int(755)),
        ("1.5", .double(1.5)), ("1e3", .double(1000)), ("true", .bool(true)), ("False", .bool(false)), ("~", .null),
        ("null", .null), ("yes", .string("yes")), ("no", .string("no")), ("on", .string("on")),
        ("10:30", .string("10:30")), ("2026-11-21", .string("2026-11-21")), ("'1'", .string("1")),
        ("\"true\"", .string("true")), ("!!str 12", .string("12")), ("10.0.0.1", .string("10.0.0.1")),
        ("1_000", .string("1_000")), ("-", .string("-")), (".", .string(".")), ("0x", .string("0x")),
        ("99999999999999999999", .double(1e20)), ("1e999", .string("1e999")),
    ])
    func scalars(_ text: String, _ expected: JSONValue) throws {
        let read = read("key: \(text == "-" ? "'-'" : text)")
        #expect(read.problems.isEmpty)
        #expect(read.documents.first?.value["key"] == expected)
    }

    @Test func documentsAndPositions() throws {
        let (documents, problems) = read(
            """
            # a comment
            kind: A
            ---
            ---
            kind: B
            spec:
              ports:
              - name: http
                port: 80
              - {name: other, port: 81}
              "dotted.key/x": 1
            """)
        #expect(problems.isEmpty)
        try #require(documents.count == 2)
        let path = FieldPath("spec", "ports")
        let second = documents[1]
        #expect(second.position(of: .root)?.line == 5)
        #expect(second.position(of: path)?.line == 7)
        #expect(second.position(of: path.appending(index: 0))?.line == 8)
        #expect(second.position(of: path.appending(index: 0).appending(key: "port"))?.line == 9)
        #expect(second.position(of: path.appending(index: 1).appending(key: "port")) == .init(line: 10, column: 19))
        // What is missing stands where its object does.
        #expect(second.position(of: path.appending(index: 1).appending(key: "protocol"))?.line == 10)
        #expect(second.position(of: FieldPath("metadata"))?.line == 5)
    }

    @Test func anchorsAndMergeKeys() throws {
        let read = read(
            """
            base: &base {a: 1, b: 2}
            copy: *base
            merged: {<<: *base, b: 3, c: 4}
            """)
        #expect(read.problems.isEmpty)
        let value = try #require(read.documents.first?.value)
        #expect(value["copy"]?["b"] == .int(2))
        #expect(value["merged"]?["a"] == .int(1))
        #expect(value["merged"]?["b"] == .int(3))
        #expect(value["merged"]?["c"] == .int(4))
    }

    @Test(arguments: [
        ("a: [1,\nb: 2\n", "file.yaml:3:1: broken YAML"), ("a: 1\n\tb: 2", "file.yaml:2:1: broken YAML"),
        ("a: 'x", "broken YAML"), ("a: *missing", "file.yaml:1:4: broken YAML: found undefined alias"),
        ("a: 1\nb: 2\na: 3", "file.yaml:1:1: the key a stands twice"), ("a: !secret x", "tag !secret"),
        ("? [1]\n: 2", "not a plain word"), ("a: {<<: 1}", "must be followed by an object"),
        ("a: \u{1}", "character 0x1"),
    ])
    func brokenText(_ text: String, _ expected: String) {
        let read = read(text)
        #expect(read.problems.count == 1)
        #expect(read.problems.first?.text.contains(expected) == true, "\(read.problems.map(\.text))")
        #expect(read.problems.first?.remedy != nil)
    }

    @Test func aliasesCannotBlowUpADocument() {
        var text = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
        for level in 1..<9 {
            let alias = "*a\(level - 1)"
            text += "a\(level): &a\(level) [\(Array(repeating: alias, count: 10).joined(separator: ","))]\n"
        }
        #expect(read(text).problems.first?.text.contains("more than 1000000 values") == true)
    }

    @Test func deepNestingIsAProblemAndNotACrash() {
        let text = String(repeating: "[", count: 100_000)
        #expect(read(text).problems.count == 1)
    }

    @Test func jsonIsRead() throws {
        let read = read("{\n\t\"kind\": \"A\",\n\t\"face\": \"\\ud83d\\ude00\", \"path\": \"a\\/b\"\n}\n")
        #expect(read.problems.isEmpty)
        #expect(read.documents.first?.value["face"] == .string("😀"))
        #expect(read.documents.first?.value["path"] == .string("a/b"))
    }

    @Test func otherEncodings() {
        let read = YAMLReader.read([0xFF, 0xFE, 0x41], source: "f")
        #expect(read.problems.first?.text == "f: not UTF-8 text; give a YAML or JSON file")
    }

    @Test func writing() {
        let value = JSONValue(members: [
            ("z", .int(1)), ("empty", JSONValue(members: [])), ("none", .array([])), ("nothing", .null),
            (
                "list",
                .array([
                    .string("a"), .array([.int(1), .array([.int(2)])]),
                    JSONValue(members: [("k", .bool(true)), ("a", .double(1.5))]),
                ])
            ),
            ("nested", JSONValue(members: [("list", .array([JSONValue(members: [("x", .array([.int(1)]))])]))])),
            ("text", .string("one\ntwo\n")), ("stripped", .string("one\n\ntwo")),
            ("istio.io/use-waypoint", .string("no")),
        ])
        #expect(
            YAMLWriter.text(value) == """
                empty: {}
                istio.io/use-waypoint: "no"
                list:
                - a
                - - 1
                  - - 2
                - a: 1.5
                  k: true
                nested:
                  list:
                  - x:
                    - 1
                none: []
                nothing: null
                stripped: |-
                  one

                  two
                text: |
                  one
                  two
                z: 1

                """)
    }

    /// What is written is read back as it was, whatever the string.
    @Test(arguments: [
        "", " ", "a", "-", "- a", "--", "---", "-x", "? a", "?a", ": a", ":a", "a:", "a: b", "a #b", "#a", "a#b", "&a",
        "*a",
        "!a", "|", ">", "'a'", "\"a\"", "%a", "@a", "`a", "[a]", "{a}", "a,b", "1", "1.5", "0x1f", "0o17", "0755",
        "1_000",
        "10:30", "2026-11-21", "2026-11-21T07:00:00Z", ".inf", ".NaN", "true", "No", "y", "~", "null", "=", "<<",
        "10.0.0.1",
        "10.0.0.0/8", "::1", "a\nb", "a\nb\n", "a\n\n", "\na", " a\nb", "a\n b\n", "tab\there", "\u{7}", "é", "😀",
        "a\u{2028}b",
        "back\\slash", "trailing ", "a\r\nb", "cluster.local/ns/shop/sa/web", "*", "80",
    ])
    func roundTrip(_ string: String) throws {
        let value = JSONValue(members: [
            (string.isEmpty ? "k" : string, .string(string)),
            ("list", .array([.string(string), .array([.string(string)])])),
        ])
        let text = YAMLWriter.text(value)
        let read = read(text)
        #expect(read.problems.isEmpty, "\(text)")
        let back = try #require(read.documents.first?.value)
        #expect(back["list"] == value["list"], "\(text)")
        #expect(back[string.isEmpty ? "k" : string] == .string(string), "\(text)")
    }
}
