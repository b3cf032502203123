/// Why a request of the node agent was not done; both kinds are answered with an error, in these words.
package enum ZDSProblem: Error, Equatable, CustomStringConvertible {
    /// The agent does not speak the protocol as it is: after the answer the connection ends and is made again.
    case protocolViolation(String)
    /// This one workload cannot be taken; the agent may go on.
    case refused(String)

    package var description: String {
        switch self {
        case .protocolViolation(let text), .refused(let text): text
        }
    }
}
