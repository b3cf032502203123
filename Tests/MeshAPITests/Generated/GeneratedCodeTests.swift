import Foundation
import Testing

/// Generated code is made by Sources/MeshAPI/generate.sh and nothing else.
@Suite struct GeneratedCodeTests {
    static let sources = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Sources")

    @Test func itIsOfTheseProtos() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/sha256sum")
        process.arguments = ["--check", "--strict", "--quiet", "generated-from.sha256"]
        process.currentDirectoryURL = Self.sources.appending(path: "MeshAPI/Protos")
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(
            process.terminationStatus == 0,
            "a .proto was changed: run Sources/MeshAPI/generate.sh and commit what it makes")
    }

    @Test func everyProtoHasItsCode() throws {
        let protos = try Self.names(in: "MeshAPI/Protos", suffix: ".proto")
        #expect(try Self.names(in: "MeshAPI/Generated", suffix: ".pb.swift") == protos)
        let recorded = try String(
            contentsOf: Self.sources.appending(path: "MeshAPI/Protos/generated-from.sha256"), encoding: .utf8)
        #expect(recorded.split(separator: "\n").count == protos.count)
    }

    private static func names(in folder: String, suffix: String) throws -> Set<String> {
        let files = try FileManager.default.contentsOfDirectory(atPath: sources.appending(path: folder).path)
        return Set(files.filter { $0.hasSuffix(suffix) }.map { String($0.dropLast(suffix.count)) })
    }
}
