import MeshRuntime

/// A workload that was taken out: nothing new of it is captured, and what is open goes on.
struct Leaver {
    enum Phase {
        /// Peers may not have heard of it yet: their tunnels are still served, and answers in flight arrive.
        case receiving(TimerID)
        /// What is open has until the deadline to end.
        case draining
        /// The rest of its capture is being taken away on the namespace thread.
        case removing
    }

    let record: EnrolmentRecord
    /// Nil for one that was leaving when ztunnel last ran.
    let facts: WorkloadFacts?
    var phase: Phase
    /// Whom to tell that it is out; told once.
    var completion: EnrolmentController.Completion?
    /// What it was when it was taken out.
    var status: EnrolmentStatus?
}
