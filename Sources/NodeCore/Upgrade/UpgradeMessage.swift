/// What two generations of a node program tell each other over the upgrade socket, one message a packet (docs/design/upgrade.md).
///
/// The text of a message is its word, then its fields, one a line. Both ends run as the same user; what cannot be read ends
/// the upgrade, never the program.
package enum UpgradeMessage: Hashable, Sendable {
    /// The new one introduces itself.
    case hello(UpgradeHello)
    /// Either side: there will be no upgrade, for this reason.
    case refused(String)
    /// A listening socket comes with this message.
    case socket(SocketName)
    /// The connection to an older generation that still drains comes with this message.
    case generation
    /// A workload that is served; whether its certificate is usable.
    case workload(uid: String, hasCertificate: Bool)
    /// Nothing more is sent before `ready`.
    case complete(UpgradeInheritance)
    /// The new one could serve now.
    case ready
    /// The old one no longer writes the node's state.
    case yours
    /// The new one serves.
    case serving
    /// Connections that the old one still carries.
    case connections(Int)

    /// The largest packet.
    package static let byteLimit = 16 << 10
}

extension UpgradeMessage {
    /// The packet.
    package var bytes: [UInt8] {
        let lines: [String] =
            switch self {
            case .hello(let hello):
                [
                    "hello", String(hello.revision), hello.version, hello.stateDirectory,
                    Self.flag(hello.isDedicated),
                ]
            case .refused(let reason): ["refused", reason]
            case .socket(let name): ["socket", name.description]
            case .generation: ["generation"]
            case .workload(let uid, let hasCertificate): ["workload", uid, Self.flag(hasCertificate)]
            case .complete(let inheritance):
                [
                    "complete", Self.flag(inheritance.hasSnapshot), String(inheritance.watchdogMicroseconds),
                    inheritance.captureRules,
                ]
            case .ready: ["ready"]
            case .yours: ["yours"]
            case .serving: ["serving"]
            case .connections(let count): ["connections", String(count)]
            }
        // A reason may be of several lines; the others never are.
        return Array(lines.joined(separator: "\n").utf8.prefix(Self.byteLimit))
    }

    /// Reads a packet; nil for what `bytes` never gives.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count <= Self.byteLimit, let text = String(validating: bytes, as: UTF8.self) else { return nil }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        switch (lines[0], lines.count) {
        case ("hello", 5):
            guard let revision = Int(lines[1]), let isDedicated = Self.flag(lines[4]) else { return nil }
            self = .hello(
                UpgradeHello(
                    revision: revision, version: lines[2], stateDirectory: lines[3], isDedicated: isDedicated))
        case ("refused", 2...): self = .refused(lines.dropFirst().joined(separator: "\n"))
        case ("socket", 2):
            guard let name = SocketName(lines[1]) else { return nil }
            self = .socket(name)
        case ("generation", 1): self = .generation
        case ("workload", 3):
            guard let hasCertificate = Self.flag(lines[2]) else { return nil }
            self = .workload(uid: lines[1], hasCertificate: hasCertificate)
        case ("complete", 4):
            guard let hasSnapshot = Self.flag(lines[1]), let watchdog = UInt64(lines[2]) else { return nil }
            self = .complete(
                UpgradeInheritance(
                    hasSnapshot: hasSnapshot, watchdogMicroseconds: watchdog, captureRules: lines[3]))
        case ("ready", 1): self = .ready
        case ("yours", 1): self = .yours
        case ("serving", 1): self = .serving
        case ("connections", 2):
            guard let count = Int(lines[1]), count >= 0 else { return nil }
            self = .connections(count)
        default: return nil
        }
    }

    private static func flag(_ value: Bool) -> String { value ? "yes" : "no" }

    private static func flag(_ text: String) -> Bool? {
        switch text {
        case "yes": true
        case "no": false
        default: nil
        }
    }
}
