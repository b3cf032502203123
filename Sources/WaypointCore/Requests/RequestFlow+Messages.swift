import HTTPWire
import MeshPolicy
import MeshRuntime

/// gRPC messages are counted as they pass, and reach the metrics every few seconds while a stream is open (I 7.1).
extension RequestFlow {
    /// A part of the request's content.
    func countMessages(received bytes: UnsafeRawBufferPointer) {
        messages?.requests.receive(bytes)
        watchMessages()
    }

    /// A part of the response's content.
    func countMessages(sent bytes: UnsafeRawBufferPointer) {
        guard messages?.hasResponses == true else { return }
        messages?.responses.receive(bytes)
        watchMessages()
    }

    private func watchMessages() {
        guard messageReport == nil, let messages, messages.isStream, messages.hasNews else { return }
        messageReport = worker.loop.schedule(after: MessageCounts.interval) { [self] in
            messageReport = nil
            reportMessages()
        }
    }

    /// Gives the metrics what they lack.
    func reportMessages() {
        guard messages?.hasNews == true, let news = messages?.takeNews() else { return }
        client.telemetry.passed(
            requests: news.requests, responses: news.responses, at: lastEndpoint?.workload, of: calledService)
    }
}
