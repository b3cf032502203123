import MeshModel
import TLSEngine

/// TLS to the endpoints of clusters whose DestinationRule asks for it, ready to be used. Immutable; any thread.
struct EndpointTLS: Sendable {
    /// The context of each block that is written, or why there is none.
    private let contexts: [DestinationRuleSpec.ClientTLS: Result<PublicTLSContext, TLSError>]

    init(_ contexts: [DestinationRuleSpec.ClientTLS: Result<PublicTLSContext, TLSError>] = [:]) {
        self.contexts = contexts
    }

    /// The context of a block. What was not made ready fails: nothing goes out without the TLS that is asked for.
    func context(for block: DestinationRuleSpec.ClientTLS) throws(TLSError) -> PublicTLSContext {
        guard let made = contexts[block] else { throw TLSError(.material, "its TLS settings are not ready") }
        return try made.get()
    }
}
