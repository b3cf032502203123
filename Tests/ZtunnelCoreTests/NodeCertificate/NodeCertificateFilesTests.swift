import Foundation
import NodeCore
import Testing
import ZtunnelCore

/// The node's pair of files: whole after every crash.
@Suite struct NodeCertificateFilesTests {
    private let folder: String
    private var files: NodeCertificateFiles {
        NodeCertificateFiles(certificate: folder + "/node.crt", key: folder + "/node.key")
    }

    init() throws {
        folder = try Command.run("mktemp -d").trimmingCharacters(in: .newlines)
        try write("node.crt", "old certificate")
        try write("node.key", "old key")
    }

    private func write(_ name: String, _ text: String) throws {
        try text.write(toFile: "\(folder)/\(name)", atomically: false, encoding: .utf8)
    }

    private func read(_ name: String) -> String? { try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8) }

    private var pair: [String?] { [read("node.crt"), read("node.key")] }

    @Test func bothAreReplacedAndTheKeyIsPrivate() throws {
        try files.replace(chain: "new certificate", key: "new key")
        #expect(pair == ["new certificate", "new key"])
        #expect(try Command.run("stat -c %a \(folder)/node.key") == "600\n")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["node.crt", "node.key"])
        #expect(try files.chain() == "new certificate")
        #expect(files.recover() == nil)
    }

    @Test func aCrashBeforeTheFirstRenameIsUndone() throws {
        try write("node.key.renewed", "new key")
        #expect(files.recover()?.contains("undone") == true)
        #expect(pair == ["old certificate", "old key"])
        try write("node.key.renewed", "new key")
        try write("node.crt.renewed", "new certificate")
        #expect(files.recover()?.contains("undone") == true)
        #expect(pair == ["old certificate", "old key"])
        #expect(files.recover() == nil)
    }

    @Test func aCrashBetweenTheRenamesIsFinished() throws {
        try write("node.key", "new key")
        try write("node.crt.renewed", "new certificate")
        #expect(files.recover()?.contains("finished") == true)
        #expect(pair == ["new certificate", "new key"])
        #expect(files.recover() == nil)
    }

    @Test func whatCannotBeWrittenLeavesTheOldPair() throws {
        let nowhere = NodeCertificateFiles(certificate: folder + "/none/node.crt", key: folder + "/node.key")
        #expect(throws: CertificateFailure.self) { try nowhere.replace(chain: "new certificate", key: "new key") }
        #expect(pair == ["old certificate", "old key"])
        #expect(read("node.key.renewed") == nil)
        #expect(throws: CertificateFailure.self) { _ = try nowhere.chain() }
    }
}
