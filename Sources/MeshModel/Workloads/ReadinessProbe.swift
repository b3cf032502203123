/// How the workloads of a WorkloadGroup are asked whether they can take traffic (I 1.4: `probe`). Times are in seconds;
/// what is not written, or written as 0, has Istio's default.
package struct ReadinessProbe: Hashable, Sendable {
    /// What the question is.
    package enum Method: Hashable, Sendable {
        /// A GET that is answered with 200 to 399. `isTLS`: over TLS, without a look at the certificate, as kubelet does.
        case httpGet(HTTPGet)
        /// A connection that is accepted.
        case tcpSocket(port: UInt16, host: String)
        /// `grpc.health.v1.Health/Check` of `service`, answered with SERVING; plaintext HTTP/2.
        case grpc(port: UInt16, service: String)
        /// A program with its arguments that ends with 0. The node runs it only if its host's administrator allows it.
        case exec(command: [String])
    }

    /// The parts of an HTTP request.
    package struct HTTPGet: Hashable, Sendable {
        /// With its query; begins with `/`.
        package var path: String
        package var port: UInt16
        /// An IP address of the workload or `localhost`; empty for its first address.
        package var host: String
        package var isTLS: Bool
        /// Sent as they are; `Host` replaces the one that follows from the address.
        package var headers: [Header]

        package init(path: String = "/", port: UInt16, host: String = "", isTLS: Bool = false, headers: [Header] = []) {
            self.path = path
            self.port = port
            self.host = host
            self.isTLS = isTLS
            self.headers = headers
        }
    }

    /// One request header.
    package struct Header: Hashable, Sendable {
        package var name: String
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Bytes of a path, of a header's value, of the name of a gRPC service, and of one word of a command.
    package static let textLimit = 2048
    /// Headers of one request.
    package static let headerLimit = 16
    /// Words of a command.
    package static let wordLimit = 64
    /// Seconds that a command may take: until then it has one of the node's few places.
    package static let commandTimeLimit: UInt32 = 600

    package var method: Method
    /// Before the first question.
    package var initialDelaySeconds: UInt32
    /// For one answer.
    package var timeoutSeconds: UInt32
    /// Between two questions.
    package var periodSeconds: UInt32
    /// Good answers in a row that make a workload healthy.
    package var successThreshold: UInt32
    /// Bad answers in a row that make it unhealthy.
    package var failureThreshold: UInt32

    /// A probe; 0 stands for the default.
    package init(
        _ method: Method, initialDelaySeconds: UInt32 = 0, timeoutSeconds: UInt32 = 0, periodSeconds: UInt32 = 0,
        successThreshold: UInt32 = 0, failureThreshold: UInt32 = 0
    ) {
        func or(_ value: UInt32, _ standard: UInt32) -> UInt32 { value == 0 ? standard : value }
        self.method = method
        self.initialDelaySeconds = initialDelaySeconds
        self.timeoutSeconds = or(timeoutSeconds, 1)
        self.periodSeconds = or(periodSeconds, 10)
        self.successThreshold = or(successThreshold, 1)
        self.failureThreshold = or(failureThreshold, 3)
    }

    /// The host that the method names, empty for the workload's own address.
    package var host: String {
        switch method {
        case .httpGet(let get): get.host
        case .tcpSocket(_, let host): host
        case .grpc, .exec: ""
        }
    }

    /// The port that is asked; nil for a command, which connects where it likes.
    package var port: UInt16? {
        switch method {
        case .httpGet(let get): get.port
        case .tcpSocket(let port, _), .grpc(let port, _): port
        case .exec: nil
        }
    }
}
