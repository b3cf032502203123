import Foundation
import NodeCore
import TLSEngine
import Testing

@testable import WaypointCore

/// Files that configuration names, as the file system has them.
@Suite struct ConfiguredFilesTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "ambit-files-\(UUID().uuidString)")

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private func path(_ name: String) -> String { folder.appending(path: name).path() }

    private func reason(_ name: String) -> String {
        var files = ConfiguredFiles()
        do throws(TLSError) {
            return "read: \(try files.content(path(name)))"
        } catch {
            return error.message
        }
    }

    @Test func changesAreSeen() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        var files = ConfiguredFiles()
        #expect(throws: TLSError.self) { try files.content(path("a")) }
        #expect(!files.haveChanged())
        try Data("one".utf8).write(to: folder.appending(path: "a"))
        #expect(files.haveChanged())
        files.begin()
        #expect(try files.content(path("a")) == "one" && !files.haveChanged())
        try Data("two".utf8).write(to: folder.appending(path: "a"))
        #expect(files.haveChanged())
        // One that is not named any more is not looked at.
        files.begin()
        #expect(!files.haveChanged())
    }

    @Test func whatIsNoFileOrTooLargeIsRefusedWithoutWaiting() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(reason("gone").hasSuffix("gone cannot be read: No such file or directory"))
        #expect(mkfifo(path("pipe"), 0o600) == 0)
        #expect(reason("pipe").hasSuffix("it is no regular file"))
        #expect(reason("").hasSuffix("it is no regular file"))
        let most = Data(repeating: 65, count: StateDirectory.configuredFileLimit)
        try most.write(to: folder.appending(path: "full"))
        #expect(reason("full").hasPrefix("read: A"))
        try (most + Data([65])).write(to: folder.appending(path: "large"))
        #expect(reason("large").hasSuffix("it is larger than 1048576 bytes"))
    }
}
