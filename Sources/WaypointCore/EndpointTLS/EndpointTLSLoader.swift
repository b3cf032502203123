import MeshModel
import MeshPolicy
import TLSEngine

/// Makes TLS contexts from the files and Secrets that DestinationRules name, and notices when these change. Owned by the control loop, which may read
/// files.
struct EndpointTLSLoader {
    private struct Entry {
        /// What the context was made of.
        var settings: PublicTLSClientSettings
        var context: PublicTLSContext
    }

    private var files: ConfiguredFiles
    /// The last good context of each block.
    private var made: [DestinationRuleSpec.ClientTLS: Entry] = [:]

    init(files: ConfiguredFiles = ConfiguredFiles()) {
        self.files = files
    }

    /// The contexts of these rules, and what their authors have to be told. A context whose files cannot be used any more stays as
    /// it was.
    mutating func load(
        _ rules: [Configured<DestinationRuleSpec>], _ secrets: [String: SecretSpec] = [:]
    ) -> (EndpointTLS, notes: [String]) {
        let blocks = Self.blocks(rules)
        files.begin()
        made = made.filter { blocks[$0.key] != nil }
        var contexts: [DestinationRuleSpec.ClientTLS: Result<PublicTLSContext, TLSError>] = [:]
        var notes: [String] = []
        for (block, rule) in blocks {
            do throws(TLSError) {
                let settings = try settings(block, secrets)
                var entry = made[block]
                if entry?.settings != settings {
                    entry = Entry(settings: settings, context: try PublicTLSContext(client: settings))
                }
                made[block] = entry
                contexts[block] = entry.map { .success($0.context) }
            } catch {
                notes.append("DestinationRule \(rule): \(error.message)")
                contexts[block] = made[block].map { .success($0.context) } ?? .failure(error)
            }
        }
        return (EndpointTLS(contexts), notes.sorted())
    }

    /// The blocks that ask for TLS of the requests' own, each with the rule that has it.
    private static func blocks(
        _ rules: [Configured<DestinationRuleSpec>]
    ) -> [DestinationRuleSpec.ClientTLS: String] {
        var found: [DestinationRuleSpec.ClientTLS: String] = [:]
        for rule in rules {
            let policies =
                [rule.spec.trafficPolicy].compactMap { $0 } + rule.spec.subsets.compactMap(\.trafficPolicy)
            for policy in policies {
                for block in [policy.tls] + policy.portLevelSettings.map(\.tls) {
                    guard let block, block.mode == .simple || block.mode == .mutual else { continue }
                    found[block] = "\(rule.reference)"
                }
            }
        }
        return found
    }

    /// Whether a file has another content than when it was read.
    func haveFilesChanged() -> Bool { files.haveChanged() }

    private mutating func settings(
        _ block: DestinationRuleSpec.ClientTLS, _ secrets: [String: SecretSpec]
    ) throws(TLSError) -> PublicTLSClientSettings {
        var roots: String?
        var revocations: String?
        var own: TLSCertificate?
        if let name = block.credentialName, !name.isEmpty {
            guard let secret = secrets[name] else {
                throw TLSError(.material, "tls.credentialName: there is no Secret \(name) in the waypoint's namespace")
            }
            // Istio's other form: roots in a Secret of their own, with the lists of revocations beside them.
            let beside = secrets[name + SecretSpec.rootsSuffix]
            roots = (secret.roots ?? beside?.roots).map { String(decoding: $0, as: UTF8.self) }
            revocations = (secret.revocations ?? beside?.revocations).map { String(decoding: $0, as: UTF8.self) }
            if let chain = secret.certificate, let key = secret.privateKey {
                own = TLSCertificate(
                    chainPEM: String(decoding: chain, as: UTF8.self), keyPEM: String(decoding: key, as: UTF8.self))
            }
        } else {
            if let path = block.caCertificates, path != Self.systemRoots { roots = try files.content(path) }
            if let path = block.caCrl { revocations = try files.content(path) }
            if block.mode == .mutual, let chain = block.clientCertificate, let key = block.privateKey {
                own = TLSCertificate(chainPEM: try files.content(chain), keyPEM: try files.content(key))
            }
        }
        var trust = roots.map { TLSTrust.roots($0, revocations: revocations) } ?? .system
        if block.insecureSkipVerify == true {
            trust = .unverified
        } else if revocations != nil, roots == nil {
            throw TLSError(.material, "tls.caCrl needs caCertificates")
        }
        var settings = PublicTLSClientSettings(trust: trust)
        if block.mode == .mutual {
            guard let own else { throw TLSError(.material, "tls mode MUTUAL needs a client's certificate and its key") }
            settings.certificate = own
        }
        return settings
    }

    /// Istio's word for the roots of the proxy's machine.
    private static let systemRoots = "system"
}
