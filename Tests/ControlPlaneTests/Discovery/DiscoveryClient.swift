import ControlPlane
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import GRPCProtobuf
import MeshAPI

/// A node's discovery stream as a test drives it: send a request, take the next response.
final class DiscoveryClient: Sendable {
    typealias Request = AggregatedDiscoveryService.Request
    typealias Response = AggregatedDiscoveryService.Response

    struct NoAnswer: Error {}

    private let requests: AsyncStream<Request>.Continuation
    private let responses: ResponseQueue

    /// Responses in the order of arrival, taken one by one with a deadline.
    actor ResponseQueue {
        private var iterator: AsyncStream<Result<Response, any Error>>.AsyncIterator

        init(_ stream: AsyncStream<Result<Response, any Error>>) {
            iterator = stream.makeAsyncIterator()
        }

        func next() async throws -> Response {
            var iterator = iterator
            let result = await iterator.next(isolation: self)
            self.iterator = iterator
            guard let result else { throw NoAnswer() }
            return try result.get()
        }
    }

    /// Runs `body` with an open stream.
    static func run(
        _ client: GRPCClient<HTTP2ClientTransport.Posix>, _ body: @Sendable (DiscoveryClient) async throws -> Void
    ) async throws {
        let (requests, requestContinuation) = AsyncStream.makeStream(of: Request.self)
        let (responses, responseContinuation) = AsyncStream.makeStream(of: Result<Response, any Error>.self)
        let discovery = DiscoveryClient(requestContinuation, ResponseQueue(responses))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await client.runConnections() }
            group.addTask {
                do {
                    try await client.bidirectionalStreaming(
                        request: StreamingClientRequest<Request> { writer in
                            for await request in requests { try await writer.write(request) }
                        },
                        descriptor: MethodDescriptor(
                            fullyQualifiedService: "envoy.service.discovery.v3.AggregatedDiscoveryService",
                            method: "DeltaAggregatedResources"),
                        serializer: ProtobufSerializer<Request>(), deserializer: ProtobufDeserializer<Response>(),
                        options: .defaults
                    ) { response in
                        for try await message in response.messages { responseContinuation.yield(.success(message)) }
                    }
                } catch {
                    responseContinuation.yield(.failure(error))
                }
                responseContinuation.finish()
            }
            defer {
                requestContinuation.finish()
                client.beginGracefulShutdown()
                group.cancelAll()
            }
            try await body(discovery)
        }
    }

    private init(_ requests: AsyncStream<Request>.Continuation, _ responses: ResponseQueue) {
        self.requests = requests
        self.responses = responses
    }

    func send(
        type: String = DiscoveryType.address.rawValue, subscribe: [String] = [], unsubscribe: [String] = [],
        initial: [String: String] = [:], nonce: String = "", rejection: String? = nil
    ) {
        var request = Request()
        request.typeURL = type
        request.resourceNamesSubscribe = subscribe
        request.resourceNamesUnsubscribe = unsubscribe
        request.initialResourceVersions = initial
        request.responseNonce = nonce
        if let rejection { request.errorDetail.message = rejection }
        requests.yield(request)
    }

    /// The next response, within ten seconds.
    func next() async throws -> Response {
        try await Deadline.within(.seconds(10)) { try await self.responses.next() }
    }
}
