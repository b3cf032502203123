import HummingbirdCore
import Logging
import NIOCore

/// A Hummingbird connection with a guard before everything else, TLS included.
struct GuardedChannel<Base: ServerChildChannel>: ServerChildChannel {
    typealias Value = Base.Value

    private let base: Base
    private let gate: ConnectionGate
    private let proof: ConnectionGuard.Proof

    init(_ base: Base, gate: ConnectionGate, proof: ConnectionGuard.Proof) {
        self.base = base
        self.gate = gate
        self.proof = proof
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        base.setup(channel: channel, logger: logger).flatMap { [gate, proof] value in
            ConnectionGuard.install(gate, proof: proof, on: channel).map { value }
        }
    }

    func handle(value: Value, logger: Logger) async {
        await base.handle(value: value, logger: logger)
    }
}
