import HTTPWire
package import MeshAPI
import MeshModel
package import MeshRuntime
import MeshTelemetry
import SwiftProtobuf

/// Tells the control plane which workloads this process has on the host, so that the mesh gets its records of them.
///
/// Confined to the control loop. The whole list goes each time: after every change, on every new connection, and every
/// `interval`, so that nothing that was lost stays lost.
package final class WorkloadReporter {
    /// How often the list is sent again without a change.
    package static let interval: Duration = .seconds(30)
    /// How long changes are gathered.
    package static let delay: Duration = .milliseconds(20)
    /// How long one report may take.
    package static let timeout: Duration = .seconds(10)
    /// Who may wait for one report.
    private static let waiterLimit = 1_024

    private let loop: EventLoop
    private let client: GRPCClient
    private let method: String
    private let message: () throws -> [UInt8]
    private let headers: () -> [(name: String, value: String)]
    private let log: NodeLog
    private var backoff = Backoff(first: .milliseconds(200), limit: .seconds(15))
    /// What was refused is tried again soon at first: somebody may be about to mend it.
    private var refusal = Backoff(first: .seconds(1), limit: WorkloadReporter.interval)
    private var random = SystemRandomNumberGenerator()
    private var timer: TimerID?
    private var isRunning = false
    private var isDirty = false
    private var isStopped = false
    /// Who waits for the report that is begun next, and for the one that runs.
    private var waiting: [([String: String]) -> Void] = []
    private var answered: [([String: String]) -> Void] = []

    /// What the control plane said of each workload that it did not take, by uid.
    package private(set) var refusals: [String: String] = [:]
    /// Gets the probes that the control plane answers a report with, nil for a workload without one.
    package var onProbes: ([String: Ambit_Node_V1_Probe?]) -> Void = { _ in }

    /// Calls `method` with the `message` of that moment; the answer is a ReportWorkloadsResponse.
    package init(
        loop: EventLoop, client: GRPCClient, method: String, headers: @escaping () -> [(name: String, value: String)],
        message: @escaping () throws -> [UInt8], log: NodeLog
    ) {
        self.loop = loop
        self.client = client
        self.method = method
        self.headers = headers
        self.message = message
        self.log = log
    }

    /// Reports soon: something has changed, or the control plane is there again.
    package func report() {
        guard !isStopped else { return }
        guard !isRunning else {
            isDirty = true
            return
        }
        schedule(Self.delay)
    }

    /// Reports soon; `completion` gets the refusals when a report that was begun from now on has been taken, however many
    /// fail before. Not called if that never happens.
    package func report(then completion: @escaping ([String: String]) -> Void) {
        guard waiting.count < Self.waiterLimit else { return }
        waiting.append(completion)
        report()
    }

    /// Reports no more.
    package func stop() {
        isStopped = true
        if let timer { loop.cancel(timer) }
    }

    private func schedule(_ wait: Duration) {
        if let timer { loop.cancel(timer) }
        timer = loop.schedule(after: wait) { [weak self] in
            self?.timer = nil
            self?.send()
        }
    }

    private func send() {
        guard !isRunning, !isStopped else { return }
        isRunning = true
        isDirty = false
        answered += waiting
        waiting = []
        let message: [UInt8]
        do {
            message = try self.message()
        } catch {
            isRunning = false
            return log(.error, "the report of the workloads here cannot be made: \(error)")
        }
        client.unary(method, message, headers: headers(), timeout: Self.timeout) { [weak self] result in
            self?.finished(result)
        }
    }

    private func finished(_ result: Result<[UInt8], GRPCStatus>) {
        isRunning = false
        guard !isStopped else { return }
        do {
            let response = try Ambit_Node_V1_ReportWorkloadsResponse(serializedBytes: try result.get())
            backoff.reset()
            take(response)
            let done = answered
            answered = []
            for completion in done { completion(refusals) }
            schedule(isDirty ? Self.delay : pause())
        } catch let status as GRPCStatus where status.code == .unimplemented {
            // Istio's control plane learns of workloads elsewhere.
            isStopped = true
            log(.info, "the control plane \(client.target) takes no reports of workloads (\(method))")
        } catch {
            log(.warn, "the control plane was not told of the workloads here: \(error)")
            schedule(backoff.next(random: &random))
        }
    }

    private func pause() -> Duration {
        guard refusals.isEmpty else { return refusal.next(random: &random) }
        refusal.reset()
        return Self.interval
    }

    private func take(_ response: Ambit_Node_V1_ReportWorkloadsResponse) {
        var refused: [String: String] = [:]
        var probes: [String: Ambit_Node_V1_Probe?] = [:]
        for result in response.results {
            let uid = "\(result.namespace)/\(result.name)"
            probes.updateValue(result.hasProbe ? result.probe : nil, forKey: uid)
            if !result.error.isEmpty { refused[uid] = result.error }
        }
        onProbes(probes)
        for (uid, reason) in refused where refusals[uid] != reason {
            log(.error, "the control plane does not take the workload \(uid): \(reason)")
        }
        refusals = refused
    }
}
