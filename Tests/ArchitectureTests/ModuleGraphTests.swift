import Foundation
import Testing

/// DESIGN section 4: a module imports only from rows below its own. This table is that section; an edge that is not in
/// it fails with the reason why the module may not have it.
@Suite struct ModuleGraphTests {
    /// The edges that each module may have to other modules of ours.
    static let allowed: [String: Set<String>] = [
        "COpenSSL": [], "CNftables": [], "CMnl": [], "CLinux": [], "CRE2": [], "CAres": [],
        "MeshModel": [],
        "HTTPWire": [],
        "MeshTelemetry": [],
        "MeshPolicy": ["MeshModel"],
        "LinuxSystem": ["CLinux"],
        "LinuxNetfilter": ["LinuxSystem", "CNftables", "CMnl", "CLinux"],
        "TLSEngine": ["COpenSSL", "LinuxSystem"],
        "RE2Engine": ["CRE2", "MeshModel"],
        "MeshRuntime": ["HTTPWire", "LinuxSystem", "TLSEngine"],
        "NameResolution": ["MeshRuntime", "LinuxSystem", "CAres"],
        "MeshAPI": ["MeshModel"],
        "NodeCore": [
            "MeshModel", "HTTPWire", "MeshTelemetry", "LinuxSystem", "TLSEngine", "MeshRuntime", "MeshAPI",
        ],
        "ZtunnelCore": [
            "MeshModel", "MeshPolicy", "HTTPWire", "MeshTelemetry", "LinuxSystem", "LinuxNetfilter", "TLSEngine",
            "MeshRuntime", "MeshAPI", "NodeCore",
        ],
        "WaypointCore": [
            "MeshModel", "MeshPolicy", "HTTPWire", "MeshTelemetry", "LinuxSystem", "TLSEngine", "RE2Engine",
            "MeshRuntime", "NameResolution", "MeshAPI", "NodeCore",
        ],
        "ControlPlane": ["MeshModel", "MeshPolicy", "MeshTelemetry", "MeshAPI", "RE2Engine"],
        "CommandLineTool": ["MeshModel", "MeshPolicy", "MeshAPI", "RE2Engine"],
        "ztunnel": ["ZtunnelCore"],
        "waypoint": ["WaypointCore"],
        "ambitd": ["ControlPlane", "LinuxSystem", "MeshModel"],
        "ambitctl": ["CommandLineTool"],
    ]

    /// Why an edge is refused, for the modules where the reason is not the order of the rows alone.
    static let reasons: [String: String] = [
        "HTTPWire": "it is bytes in, events and bytes out; it imports nothing of ours so that it can be tested alone",
        "MeshModel": "it is the bottom: plain values",
        "MeshTelemetry": "it is the bottom: plain values and text",
        "MeshRuntime": "it moves bytes, it does not judge: it must not know workloads",
        "CommandLineTool": "the tool never touches the host's network: enrolment is asked of ztunnel",
        "NodeCore":
            "the waypoint links it too: nothing of netfilter, capture or enrolment, and no policy of one program",
        "WaypointCore": "it routes requests and has no business with the host's packet filter: never LinuxNetfilter",
        "LinuxSystem": "platform modules know the kernel, not the mesh",
        "MeshPolicy": "it is pure; a regular expression comes to it as a Pattern",
        "ZtunnelCore": "layer 4 has no regular expressions: RE2 and the C++ library would only cost it memory",
    ]

    /// Packages that the node programs must not link, directly or not (DESIGN D2).
    static let foreignToNodePrograms: Set<String> = [
        "swift-nio", "swift-nio-ssl", "grpc-swift-2", "grpc-swift-nio-transport", "hummingbird", "async-http-client",
        "swift-crypto", "swift-certificates",
    ]

    struct Description: Decodable {
        struct Target: Decodable {
            var name: String
            var type: String
            var target_dependencies: [String]?
            var product_dependencies: [String]?
        }
        var targets: [Target]
    }

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func describe() throws -> Description {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        // The test run itself holds SwiftPM's lock; describing the package only reads.
        process.arguments = ["swift", "package", "--ignore-lock", "describe", "--type", "json"]
        process.currentDirectoryURL = root
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return try JSONDecoder().decode(Description.self, from: data)
    }

    @Test func everyDeclaredEdgeGoesDownward() throws {
        let targets = try Self.describe().targets.filter { $0.type != "test" }
        let tools: Set<String> = Set(targets.map(\.name)).subtracting(Self.allowed.keys)
        // Targets under Tests (fuzz entries, measuring programs) may import anything; no module may import them.
        for target in targets where !tools.contains(target.name) {
            let allowed = Self.allowed[target.name] ?? []
            for dependency in target.target_dependencies ?? [] {
                let reason = Self.reasons[target.name] ?? "a module imports only from rows below its own"
                #expect(allowed.contains(dependency), "\(target.name) -> \(dependency): \(reason)")
            }
        }
        #expect(targets.count >= 15, "the description lists the package's modules")
    }

    @Test func nodeModulesUseNoForeignNetworkStack() throws {
        for target in try Self.describe().targets
        where [
            "HTTPWire", "MeshModel", "MeshPolicy", "MeshTelemetry", "LinuxSystem", "LinuxNetfilter", "TLSEngine",
            "MeshRuntime", "NameResolution", "MeshAPI", "RE2Engine", "NodeCore", "ZtunnelCore", "ztunnel",
            "WaypointCore",
            "waypoint",
        ]
        .contains(target.name) {
            let products = Set(target.product_dependencies ?? [])
            #expect(products.subtracting(["SwiftProtobuf"]).isEmpty, "\(target.name) links \(products): DESIGN D2")
        }
    }

    @Test func sourcesImportWhatTheirModuleDeclares() throws {
        let modules = Set(Self.allowed.keys)
        for (module, allowed) in Self.allowed {
            let folder = Self.root.appending(path: "Sources/\(module)")
            let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
            while let file = files?.nextObject() as? URL {
                guard file.pathExtension == "swift" else { continue }
                for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
                    guard let imported = Self.importedModule(line), modules.contains(imported) else { continue }
                    #expect(allowed.contains(imported), "\(file.lastPathComponent): \(module) imports \(imported)")
                }
            }
        }
    }

    @Test func nodeModulesDoNotImportFoundation() throws {
        for module in [
            "HTTPWire", "MeshModel", "MeshPolicy", "MeshTelemetry", "LinuxSystem", "LinuxNetfilter", "TLSEngine",
            "MeshRuntime", "RE2Engine", "NodeCore", "ZtunnelCore", "ztunnel", "WaypointCore",
            "waypoint",
        ] {
            let folder = Self.root.appending(path: "Sources/\(module)")
            let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
            while let file = files?.nextObject() as? URL {
                guard file.pathExtension == "swift" else { continue }
                for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
                    #expect(Self.importedModule(line) != "Foundation", "\(file.path()): DESIGN D2")
                }
            }
        }
    }

    /// The module that an import line names, whatever its access level.
    static func importedModule(_ line: Substring) -> String? {
        let words = line.split(separator: " ")
        guard let position = words.firstIndex(of: "import"), position <= 1, position + 1 < words.count else {
            return nil
        }
        return String(words[position + 1])
    }
}
