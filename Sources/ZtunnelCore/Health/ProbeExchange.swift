package import HTTPWire

/// What is said on the connection of one question. No sockets and no clock: bytes in, bytes and an answer out.
package protocol ProbeExchange: AnyObject {
    /// What is sent first.
    func begin() -> [UInt8]
    /// Takes what the workload sent; `bytes` are valid during the call. The answer ends the exchange.
    func receive(_ bytes: UnsafeRawBufferPointer, now: MonotonicTime) -> (send: [UInt8], answer: ProbeAnswer?)
    /// The workload has closed the connection.
    func ended() -> ProbeAnswer
}
