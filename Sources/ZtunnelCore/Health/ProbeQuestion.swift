/// One question to one workload, while it is open. Confined to the probes' loop.
protocol ProbeQuestion: AnyObject {
    /// Asks. Nothing is called back before it returns.
    func start()
    /// The answer is not wanted any more. What the question holds is given back as soon as that can be.
    func cancel()
}
