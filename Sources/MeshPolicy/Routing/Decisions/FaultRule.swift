package import MeshModel

/// Errors that are made up: a delay first, then an abort, each with a share of its own (I 2.9).
package struct FaultRule: Sendable {
    /// What a request is answered with instead of being sent on.
    package enum Abort: Sendable, Hashable {
        /// This HTTP status; to a gRPC request the status that it stands for.
        case http(Int)
        /// This gRPC status.
        case grpc(Int)
    }

    /// What happens to one request. Neither: nothing.
    package struct Decision: Sendable, Hashable {
        /// How long it waits before anything else; flag DI.
        package let delay: Duration?
        /// What it is answered with then; flag FI.
        package let abort: Abort?
    }

    /// The body of an answer by `abort`.
    package static let abortBody = "fault filter abort"

    let delay: (duration: Duration, share: Percentage)?
    let abort: (answer: Abort, share: Percentage)?

    /// The rule; nil where it would do nothing.
    init?(_ fault: VirtualServiceSpec.Fault) {
        delay = fault.delay.flatMap { delay in
            guard let duration = delay.fixedDelay, let share = delay.percentage, share.millionths > 0 else {
                return nil
            }
            return (duration, share)
        }
        abort = fault.abort.flatMap { abort in
            guard let failure = abort.failure, let share = abort.percentage, share.millionths > 0 else { return nil }
            switch failure {
            case .http(let status): return (.http(status), share)
            case .grpc(let name): return GRPCStatusNames.code(name).map { (.grpc($0), share) }
            }
        }
        if delay == nil, abort == nil { return nil }
    }

    /// The decision for one request; takes a random number for each part that there is.
    package func decide(_ random: inout some RandomNumberGenerator) -> Decision {
        Decision(
            delay: delay.flatMap { $0.share.hits(&random) ? $0.duration : nil },
            abort: abort.flatMap { $0.share.hits(&random) ? $0.answer : nil })
    }
}

extension Percentage {
    /// Whether one of this share's requests is drawn.
    package func hits(_ random: inout some RandomNumberGenerator) -> Bool {
        switch millionths {
        case 0: false
        case 1_000_000...: true
        default: UInt32.random(in: 0..<1_000_000, using: &random) < millionths
        }
    }
}
