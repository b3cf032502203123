import Synchronization

/// Collects one answer from each worker and hands all of them over when the last has come. Thread: any.
package final class Gathering<Value: Sendable>: Sendable {
    private struct Answers {
        var values: [Value] = []
        var missing: Int
    }

    private let answers: Mutex<Answers>
    private let completion: @Sendable ([Value]) -> Void

    /// Waits for `count` reports.
    package init(count: Int, completion: @escaping @Sendable ([Value]) -> Void) {
        self.answers = Mutex(Answers(missing: count))
        self.completion = completion
    }

    /// One worker's answer; nil from one that could not be asked, or had nothing to say.
    package func report(_ value: Value?) {
        let all = answers.withLock { answers -> [Value]? in
            if let value { answers.values.append(value) }
            answers.missing -= 1
            return answers.missing == 0 ? answers.values : nil
        }
        if let all { completion(all) }
    }
}
