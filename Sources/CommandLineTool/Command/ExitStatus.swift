/// How `ambitctl` ends, for scripts (Istio's own numbers, after sysexits.h).
enum ExitStatus: Int32, Sendable {
    /// All was done.
    case success = 0
    /// Something was not done: no server, refused, not found, not ready in time.
    case failure = 1
    /// The command line was not understood.
    case usage = 64
    /// The documents given are not valid; nothing was sent.
    case data = 65
}
