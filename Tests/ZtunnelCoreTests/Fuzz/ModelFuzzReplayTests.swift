import Foundation
import FuzzTargets
import Testing

/// Every file of the corpora of protobuf conversion, DNS, names, route decisions and the node agent's packets, with single-byte changes and cuts, through its entry.
@Suite struct ModelFuzzReplayTests {
    static let corpus = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Fuzz/Corpus")

    @Test(arguments: ["address", "authorization", "dns", "enrolment", "identity", "route", "zds"])
    func replay(_ name: String) throws {
        let run = try #require(FuzzTarget.all[name])
        let files = try FileManager.default.contentsOfDirectory(
            at: Self.corpus.appendingPathComponent(name), includingPropertiesForKeys: nil)
        #expect(files.count >= 12, "the corpus of \(name) is missing")
        for file in files {
            let seed = Array(try Data(contentsOf: file))
            seed.withUnsafeBytes(run)
            for index in seed.indices.prefix(300) {
                for change: UInt8 in [0x01, 0x80, 0xff] {
                    var bytes = seed
                    bytes[index] ^= change
                    bytes.withUnsafeBytes(run)
                }
                seed[..<index].withUnsafeBytes(run)
            }
        }
    }

    @Test func everyCorpusHasAnEntry() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: Self.corpus.path)
        #expect(Set(folders).subtracting(FuzzTarget.all.keys).isEmpty)
    }
}
