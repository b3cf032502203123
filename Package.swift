// swift-tools-version: 6.2
// Ambit: an ambient-mode service mesh for plain Linux hosts.
//
// The module graph is the one of DESIGN section 4: a module imports only from rows below its own.
// Tests/ArchitectureTests reads this manifest and fails on any edge that is not in its table.
import PackageDescription

/// Every Swift target is built with the same settings: Swift 6 language mode, imports that say what they export.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// Nothing looks up symbols in a node program by name: the table for that would be a twelfth of it, and past DESIGN D2's bound.
let nodeProgram: [LinkerSetting] = [
    .unsafeFlags(["-Xlinker", "--no-export-dynamic"], .when(configuration: .release))
]

/// Modules that touch C or raw memory spell every unsafe use `unsafe`.
let memorySafe: [SwiftSetting] = strict + [.strictMemorySafety()]

let protobuf: Target.Dependency = .product(name: "SwiftProtobuf", package: "swift-protobuf")

let package = Package(
    name: "ambit",
    products: [
        .executable(name: "ztunnel", targets: ["ztunnel"]),
        .executable(name: "waypoint", targets: ["waypoint"]),
        .executable(name: "ambitd", targets: ["ambitd"]),
        .executable(name: "ambitctl", targets: ["ambitctl"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
        .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
        .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.2"),
        .package(url: "https://github.com/grpc/grpc-swift-protobuf", from: "2.4.1"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-crypto", "4.5.2"..<"5.0.0"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    ],
    targets: [
        // C
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CNftables", pkgConfig: "libnftables", providers: [.apt(["libnftables-dev"])]),
        .systemLibrary(name: "CMnl", pkgConfig: "libmnl", providers: [.apt(["libmnl-dev"])]),
        .target(name: "CLinux"),
        .target(name: "CRE2", linkerSettings: [.linkedLibrary("re2")]),
        .systemLibrary(name: "CAres", pkgConfig: "libcares", providers: [.apt(["libc-ares-dev"])]),

        // pure
        .target(name: "MeshModel", swiftSettings: strict),
        .target(name: "MeshPolicy", dependencies: ["MeshModel"], swiftSettings: strict),
        .target(name: "HTTPWire", swiftSettings: memorySafe),
        .target(name: "MeshTelemetry", swiftSettings: strict),

        // platform
        .target(name: "LinuxSystem", dependencies: ["CLinux"], swiftSettings: memorySafe),
        .target(name: "LinuxNetfilter", dependencies: ["LinuxSystem", "CNftables", "CMnl"], swiftSettings: memorySafe),
        .target(name: "TLSEngine", dependencies: ["COpenSSL", "LinuxSystem"], swiftSettings: memorySafe),
        .target(name: "RE2Engine", dependencies: ["CRE2", "MeshModel"], swiftSettings: memorySafe),

        // shell
        .target(
            name: "MeshRuntime", dependencies: ["HTTPWire", "LinuxSystem", "TLSEngine"], swiftSettings: memorySafe),

        .target(
            name: "NameResolution", dependencies: ["MeshRuntime", "LinuxSystem", "CAres"], swiftSettings: memorySafe),

        // adapter
        .target(
            name: "MeshAPI", dependencies: ["MeshModel", protobuf], exclude: ["Protos", "generate.sh"],
            swiftSettings: strict),

        // what every node program is made of
        .target(
            name: "NodeCore",
            dependencies: [
                "MeshModel", "HTTPWire", "MeshTelemetry", "LinuxSystem", "TLSEngine", "MeshRuntime", "MeshAPI",
                protobuf,
            ], swiftSettings: strict),

        // data plane
        .target(
            name: "ZtunnelCore",
            dependencies: [
                "MeshModel", "MeshPolicy", "HTTPWire", "MeshTelemetry", "LinuxSystem", "LinuxNetfilter", "TLSEngine",
                "MeshRuntime", "MeshAPI", "NodeCore", protobuf,
            ], swiftSettings: strict),

        .target(
            name: "WaypointCore",
            dependencies: [
                "MeshModel", "MeshPolicy", "HTTPWire", "MeshTelemetry", "LinuxSystem", "TLSEngine", "RE2Engine",
                "MeshRuntime", "NameResolution", "MeshAPI", "NodeCore", protobuf,
            ], swiftSettings: strict),

        // control
        .target(
            name: "ControlPlane",
            dependencies: [
                "MeshModel", "MeshPolicy", "MeshAPI", "RE2Engine", protobuf,
                .product(name: "GRPCCore", package: "grpc-swift-2"),
                .product(name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport"),
                .product(name: "GRPCProtobuf", package: "grpc-swift-protobuf"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "X509", package: "swift-certificates"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOCertificateReloading", package: "swift-nio-extras"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Yams", package: "Yams"),
            ], swiftSettings: strict),
        .target(
            name: "CommandLineTool",
            dependencies: [
                "MeshModel", "MeshPolicy", "RE2Engine",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "X509", package: "swift-certificates"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "Yams", package: "Yams"),
            ], swiftSettings: strict),

        // executables
        .executableTarget(
            name: "waypoint", dependencies: ["WaypointCore"], swiftSettings: strict, linkerSettings: nodeProgram),
        .executableTarget(
            name: "ztunnel", dependencies: ["ZtunnelCore"], swiftSettings: strict, linkerSettings: nodeProgram),
        .executableTarget(
            name: "ambitd",
            dependencies: [
                "ControlPlane", "LinuxSystem", "MeshModel",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: strict),
        .executableTarget(name: "ambitctl", dependencies: ["CommandLineTool"], swiftSettings: strict),

        // tests
        .target(
            name: "FuzzTargets",
            dependencies: [
                "HTTPWire", "LinuxNetfilter", "MeshAPI", "MeshModel", "MeshPolicy", "NodeCore", "RE2Engine",
                "TLSEngine", "TestCertificates", "ZtunnelCore", protobuf,
            ], path: "Tests/FuzzTargets", swiftSettings: strict),
        .testTarget(name: "ArchitectureTests", swiftSettings: strict),
        .testTarget(
            name: "HTTPWireTests", dependencies: ["HTTPWire", "FuzzTargets"], exclude: ["Interop/peer.py"],
            swiftSettings: strict),
        .testTarget(name: "MeshModelTests", dependencies: ["MeshModel"], swiftSettings: strict),
        .testTarget(
            name: "MeshPolicyTests", dependencies: ["MeshPolicy", "MeshModel", "RE2Engine"], swiftSettings: strict),
        .testTarget(name: "RE2EngineTests", dependencies: ["RE2Engine", "MeshModel"], swiftSettings: strict),
        .testTarget(name: "MeshTelemetryTests", dependencies: ["MeshTelemetry"], swiftSettings: strict),
        .testTarget(name: "MeshAPITests", dependencies: ["MeshAPI", "MeshModel", protobuf], swiftSettings: strict),
        .testTarget(
            name: "MeshRuntimeTests",
            dependencies: ["MeshRuntime", "HTTPWire", "LinuxSystem", "TLSEngine", "TestCertificates", "TestModels"],
            swiftSettings: strict),
        .testTarget(
            name: "LinuxSystemTests", dependencies: ["LinuxSystem"], swiftSettings: strict),
        .target(name: "TestCertificates", path: "Tests/TestCertificates", swiftSettings: strict),
        .target(name: "TestModels", path: "Tests/TestModels", swiftSettings: strict),
        .testTarget(
            name: "TLSEngineTests", dependencies: ["TLSEngine", "LinuxSystem", "TestCertificates", "FuzzTargets"],
            swiftSettings: strict),
        .executableTarget(
            name: "RuntimeBench", dependencies: ["MeshRuntime", "HTTPWire", "LinuxSystem", "TLSEngine"],
            path: "Tests/RuntimeBench", swiftSettings: strict),
        .executableTarget(
            name: "WireBench", dependencies: ["HTTPWire"], path: "Tests/WireBench", swiftSettings: strict),
        .testTarget(
            name: "LinuxNetfilterTests", dependencies: ["LinuxNetfilter", "LinuxSystem"], swiftSettings: strict),
        .testTarget(
            name: "ZtunnelCoreTests",
            dependencies: [
                "ZtunnelCore", "NodeCore", "MeshModel", "MeshPolicy", "HTTPWire", "MeshRuntime", "MeshAPI", "TLSEngine",
                "LinuxSystem", "LinuxNetfilter", "MeshTelemetry", "FuzzTargets", protobuf,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "WaypointCoreTests",
            dependencies: [
                "WaypointCore", "NodeCore", "RE2Engine", "MeshAPI", "MeshTelemetry", "MeshPolicy", "MeshModel",
                "HTTPWire", "TLSEngine", "LinuxSystem", "MeshRuntime", "NameResolution", "TestCertificates",
                "TestModels", protobuf,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ControlPlaneTests",
            dependencies: [
                "ControlPlane", "MeshModel", "MeshAPI", protobuf,
                .product(name: "GRPCCore", package: "grpc-swift-2"),
                .product(name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport"),
                .product(name: "GRPCProtobuf", package: "grpc-swift-protobuf"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "X509", package: "swift-certificates"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
            ], swiftSettings: strict),
        .testTarget(
            name: "CommandLineToolTests",
            dependencies: [
                "CommandLineTool", "MeshModel",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ], exclude: ["Fixtures", "Goldens"], swiftSettings: strict),
    ]
)

// libFuzzer brings its own main, so the driver exists only where `make fuzz` asks for it.
if Context.environment["AMBIT_FUZZ"] != nil {
    package.products.append(.executable(name: "ambit-fuzz", targets: ["FuzzDriver"]))
    package.targets.append(
        .executableTarget(
            name: "FuzzDriver", dependencies: ["FuzzTargets"], path: "Tests/FuzzDriver", swiftSettings: strict))
}
