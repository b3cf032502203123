import Foundation
import MeshModel
import Testing

@Suite("The corpus of documents")
struct DocumentCorpusTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fuzz/Corpus/json")

    private static let files: [String] =
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? []).sorted()

    @Test("is there")
    func present() {
        #expect(Self.files.count >= 50)
    }

    @Test("is refused or reads back as written, whole and cut short anywhere", arguments: files)
    func replay(_ file: String) throws {
        let bytes = [UInt8](try Data(contentsOf: Self.folder.appending(path: file)))
        for length in Set([bytes.count] + Array(stride(from: 0, through: bytes.count, by: max(1, bytes.count / 64)))) {
            guard let value = try? JSONValue(parsing: bytes.prefix(length)) else { continue }
            #expect(try JSONValue(parsing: value.compactText.utf8) == value)
            #expect(try JSONValue(parsing: value.prettyText.utf8) == value)
            if case .success(let accepted) = Validation.validate(value) {
                let again = try Validation.validate(accepted.resource.object).get()
                #expect(again.resource == accepted.resource)
            }
        }
    }
}
