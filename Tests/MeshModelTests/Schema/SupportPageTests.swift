import Foundation
import MeshModel
import Testing

@Suite("docs/support.md")
struct SupportPageTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().resolvingSymlinksInPath()
    private static let page = root.appending(path: "docs/support.md")

    @Test("every field that validation takes has a state", arguments: ResourceKind.allCases)
    func complete(_ kind: ResourceKind) {
        for path in SchemaFields.paths(of: kind) {
            #expect(
                SupportTable.support(of: path, in: kind) != nil,
                "\(kind.kind) \(path): say in SupportTable what becomes of it")
        }
    }

    @Test("every entry is of a field that there is, and names a test that there is", arguments: ResourceKind.allCases)
    func entries(_ kind: ResourceKind) {
        let paths = SchemaFields.paths(of: kind)
        for entry in SupportTable.entries(of: kind) {
            #expect(paths.contains { SupportTable.isPart($0, of: entry.path) }, "\(kind.kind) \(entry.path)")
            if let test = entry.support.test {
                let file = Self.root.appending(path: test).path()
                #expect(FileManager.default.fileExists(atPath: file), "\(kind.kind) \(entry.path): \(test)")
            }
        }
    }

    @Test("the page is what the table says; AMBIT_REWRITE_GOLDENS=1 writes it")
    func isCurrent() throws {
        let text = Self.text()
        if ProcessInfo.processInfo.environment["AMBIT_REWRITE_GOLDENS"] == "1" {
            try text.write(to: Self.page, atomically: true, encoding: .utf8)
        }
        let written = try String(contentsOf: Self.page, encoding: .utf8)
        #expect(written == text, "run this test with AMBIT_REWRITE_GOLDENS=1")
    }

    private static func text() -> String {
        var text = """
            # What is supported

            Made of `Tests/MeshModelTests/Schema/SupportTable.swift`; a test fails when a field that validation takes is not here.
            Kinds that are not here are refused by name, with what to write instead; so are fields that no kind has.

            - **works**: it does on traffic, or in what nodes are told, what Istio says; the test shows it
            - **decided**: tested code decides what it leads to, and no program of this version runs that on traffic yet
            - **carried**: checked, stored and sent to waypoints; nothing acts on it yet
            - **warned about**: taken, and the warning says what it does not do
            - **refused**: not taken, and the refusal says what to write instead

            `apiVersion`, `kind`, `metadata` and `status` are those of Kubernetes. Names in snake_case are taken in VirtualService,
            DestinationRule and Gateway, with a warning. A subset's `trafficPolicy`, and the blocks of an entry of
            `portLevelSettings`, are those of the rule's `trafficPolicy`.

            """
        for kind in ResourceKind.allCases {
            text += "\n## \(kind.kind)\n\n\(kind.versions.map { kind.apiVersion($0) }.joined(separator: ", "))\n\n"
            text += "| field | | |\n|---|---|---|\n"
            for path in SchemaFields.paths(of: kind) {
                guard let columns = SupportTable.support(of: path, in: kind)?.columns else { continue }
                text += "| `\(path)` | \(columns.state) | \(columns.detail) |\n"
            }
        }
        return text
    }
}
