import Foundation
import Synchronization
import Testing

@testable import CommandLineTool

/// Runs command lines as a person would and writes down what they print and how they end, for comparison with a golden
/// file. Time stands still; paths and ports that differ from run to run are replaced.
final class Transcript: Sendable {
    private struct State {
        var text = ""
        var chunk = ""
    }

    private let state = Mutex(State())
    private let environment: [String: String]
    private let replacements: [(String, String)]
    /// A folder of this transcript's own.
    let folder: URL

    /// The time of day in every transcript.
    static let now = Date(timeIntervalSince1970: 1_795_244_400)  // 2026-11-21T07:00:00Z

    init(environment: [String: String] = [:], replacing replacements: [(String, String)] = []) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("ambitctl-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        self.environment = environment
        self.replacements = replacements + [(folder.path + "/", ""), (Fixture.folder.path + "/Fixtures/", "")]
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    /// Writes a file into the folder and returns its path.
    @discardableResult
    func file(_ name: String, _ text: String) throws -> String {
        let url = folder.appendingPathComponent(name)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
        return url.path
    }

    /// Runs one command line; words with a leading `@` are names of files in the folder.
    @discardableResult
    func run(_ line: String, input: String = "") async -> Int32 {
        let words = line.split(separator: " ").map(String.init)
        let arguments = words.map { $0.hasPrefix("@") ? folder.path + "/" + $0.dropFirst() : $0 }
        let terminal = Terminal(
            environment: environment, readInput: { [UInt8](input.utf8) },
            write: { text in self.state.withLock { $0.chunk += text } },
            writeError: { text in
                self.state.withLock { state in
                    state.chunk += text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
                        .map { "! \($0)\n" }.joined()
                }
            },
            now: { Self.now })
        let status = await CommandRunner.run(arguments, in: terminal)
        state.withLock { state in
            let shown = words.map { $0 == "@" ? "." : String($0.trimmingPrefix("@")) }.joined(separator: " ")
            var chunk = "$ ambitctl \(shown)\n\(state.chunk)"
            for (text, replacement) in replacements { chunk = chunk.replacingOccurrences(of: text, with: replacement) }
            state.text += chunk
            if status != 0 { state.text += "exit \(status)\n" }
            state.text += "\n"
            state.chunk = ""
        }
        return status
    }

    /// Compares with `Goldens/NAME.txt`; with AMBIT_UPDATE_GOLDENS set it writes the file instead, to be reviewed as a diff.
    func matches(_ name: String) throws {
        let url = Fixture.folder.appendingPathComponent("Goldens/\(name).txt")
        let text = state.withLock { $0.text }
        if ProcessInfo.processInfo.environment["AMBIT_UPDATE_GOLDENS"] != nil {
            try Data(text.utf8).write(to: url)
        }
        let golden = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
        #expect(text == golden, "differs from Goldens/\(name).txt; to accept it, run with AMBIT_UPDATE_GOLDENS=1")
    }
}
