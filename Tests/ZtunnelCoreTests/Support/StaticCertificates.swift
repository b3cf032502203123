import MeshModel
import NodeCore
import Synchronization
import TLSEngine
import ZtunnelCore

/// Certificates that were made before the test: those that were added are there, others are pending until they are.
final class StaticCertificates: CertificateSource {
    private struct Contexts {
        let server: TLSContext
        let client: TLSContext
    }

    private struct State {
        var contexts: [SPIFFEIdentity: Contexts] = [:]
        var waiting: [SPIFFEIdentity: [@Sendable (String?) -> Void]] = [:]
        var failures: [SPIFFEIdentity: String] = [:]
        var serials: [SPIFFEIdentity: String] = [:]
    }

    private let state = Mutex(State())
    private let changes = Atomic<UInt64>(1)

    var generation: UInt64 { changes.load(ordering: .acquiring) }

    /// Adds the certificate of `identity`, signed by `authority`.
    func add(_ identity: SPIFFEIdentity, from authority: TestAuthority) throws {
        let material = try authority.material(identity)
        let contexts = Contexts(
            server: try TLSContext(
                role: .server, material: material, verification: .trustDomain(identity.trustDomain)),
            client: try TLSContext(role: .client, material: material, verification: .identities([])))
        let serial = try CertificateFacts.parse(pem: material.certificateChainPEM).serialNumber
        let waiting = state.withLock { state in
            state.serials[identity] = serial
            state.contexts[identity] = contexts
            return state.waiting.removeValue(forKey: identity) ?? []
        }
        changes.wrappingAdd(1, ordering: .releasing)
        for completion in waiting { completion(nil) }
    }

    /// The serial number of the certificate of `identity`.
    func serial(of identity: SPIFFEIdentity) -> String? { state.withLock { $0.serials[identity] } }

    /// Says that there is no certificate for `identity`, and why.
    func fail(_ identity: SPIFFEIdentity, _ reason: String) {
        let waiting = state.withLock { state in
            state.failures[identity] = reason
            return state.waiting.removeValue(forKey: identity) ?? []
        }
        changes.wrappingAdd(1, ordering: .releasing)
        for completion in waiting { completion(reason) }
    }

    func context(for identity: SPIFFEIdentity, role: TLSRole) -> CertificateLookup {
        state.withLock { state in
            if let contexts = state.contexts[identity] {
                return .ready(role == .server ? contexts.server : contexts.client)
            }
            if let failure = state.failures[identity] { return .failed(failure) }
            return .pending
        }
    }

    func fetch(_ identity: SPIFFEIdentity, completion: @escaping @Sendable (_ failure: String?) -> Void) {
        let answer: String?? = state.withLock { state in
            if state.contexts[identity] != nil { return .some(nil) }
            if let failure = state.failures[identity] { return .some(failure) }
            state.waiting[identity, default: []].append(completion)
            return nil
        }
        if let answer { completion(answer) }
    }
}
