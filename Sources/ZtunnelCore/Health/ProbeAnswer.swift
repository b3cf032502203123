/// What one question to a workload was answered with.
package struct ProbeAnswer: Equatable, Sendable {
    /// Whether it counts as a success.
    package let isGood: Bool
    /// What was asked and answered, for the person who reads why a workload gets no traffic.
    package let text: String

    /// A success.
    package static func good(_ text: String) -> Self { Self(isGood: true, text: text) }
    /// A failure.
    package static func bad(_ text: String) -> Self { Self(isGood: false, text: text) }
}
