// Compiled where the manifest has the target of the fuzz entries.
#if canImport(FuzzTargets)
    import Foundation
    import FuzzTargets
    import Testing

    /// Every file of the fuzz corpus, and every single-byte change of the small ones, through its target.
    @Suite struct FuzzReplayTests {
        static let targets: [(name: String, run: @Sendable (UnsafeRawBufferPointer) -> Void)] = [
            ("frames", { HTTPWireFuzz.frames($0) }), ("hpack", { HTTPWireFuzz.hpack($0) }),
            ("connectHeaders", { HTTPWireFuzz.connectHeaders($0) }), ("http1-server", { HTTPWireFuzz.http1Server($0) }),
            ("http1-client", { HTTPWireFuzz.http1Client($0) }), ("grpc", { HTTPWireFuzz.grpc($0) }),
        ]

        static let corpus = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fuzz/Corpus")

        @Test("replay", arguments: targets.map(\.name))
        func replay(_ name: String) throws {
            let run = try #require(Self.targets.first { $0.name == name }?.run)
            let folder = Self.corpus.appendingPathComponent(name)
            let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            #expect(files.count >= 12, "the corpus of \(name) is missing")
            for file in files {
                let seed = Array(try Data(contentsOf: file))
                seed.withUnsafeBytes(run)
                for index in seed.indices.prefix(200) {
                    for change: UInt8 in [0x01, 0x80, 0xff] {
                        var bytes = seed
                        bytes[index] ^= change
                        bytes.withUnsafeBytes(run)
                    }
                    seed[..<index].withUnsafeBytes(run)
                }
            }
        }

        @Test("random bytes", arguments: 0..<200 as Range<UInt64>)
        func random(seed: UInt64) {
            var random = SplitMix64(state: seed)
            let bytes = (0..<Int.random(in: 0...400, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            for target in Self.targets { bytes.withUnsafeBytes(target.run) }
        }
    }
#endif
