import HTTPWire

/// What a client has got in answer to one request.
struct ModelResponse {
    let plan: ModelPlan
    private var status = 0
    private var reported: Int?
    private var content = 0
    private(set) var isComplete = false
    /// It came to an early end.
    private(set) var isBroken = false

    init(_ plan: ModelPlan) { self.plan = plan }

    var isOver: Bool { isComplete || isBroken }

    mutating func responded(_ head: HTTPFieldBlock, endStream: Bool) {
        status = head.status ?? 0
        reported = head.first("x-got").flatMap { Int($0) }
        isComplete = endStream
    }

    mutating func received(_ count: Int, endStream: Bool) {
        content += count
        isComplete = endStream
    }

    mutating func broke() { if !isComplete { isBroken = true } }

    /// What is wrong with it, when it is over.
    var problem: String? {
        if plan.framing == .broken {
            return isComplete && status == 200 ? "it is complete, though the application broke off" : nil
        }
        guard isComplete, status == 200, content == plan.response, plan.isEarly || reported == plan.request else {
            return "\(self)"
        }
        return nil
    }
}
