package import MeshModel
import SwiftProtobuf

/// Probes on the wire between ambitd and its nodes.
extension ReadinessProbe {
    /// Reads what ambitd sent; nil without a method that this version knows, with a port that is none, or with a command that
    /// is none.
    package init?(_ message: Ambit_Node_V1_Probe) {
        func port(_ number: UInt32) -> UInt16? { UInt16(exactly: number).flatMap { $0 > 0 ? $0 : nil } }
        let method: Method
        switch message.method {
        case .httpGet(let get):
            guard let number = port(get.port), get.path.hasPrefix("/") else { return nil }
            method = .httpGet(
                HTTPGet(
                    path: get.path, port: number, host: get.host, isTLS: get.tls,
                    headers: get.headers.map { Header(name: $0.name, value: $0.value) }))
        case .tcpSocket(let socket):
            guard let number = port(socket.port) else { return nil }
            method = .tcpSocket(port: number, host: socket.host)
        case .grpc(let grpc):
            guard let number = port(grpc.port) else { return nil }
            method = .grpc(port: number, service: grpc.service)
        case .exec(let exec):
            guard exec.command.first?.isEmpty == false, exec.command.count <= Self.wordLimit else { return nil }
            method = .exec(command: exec.command)
        case nil: return nil
        }
        self.init(
            method, initialDelaySeconds: message.initialDelaySeconds, timeoutSeconds: message.timeoutSeconds,
            periodSeconds: message.periodSeconds, successThreshold: message.successThreshold,
            failureThreshold: message.failureThreshold)
    }
}

extension Ambit_Node_V1_Probe {
    /// The message of a probe; `version` tells it from what the group said before.
    package init(_ probe: ReadinessProbe, version: String) {
        self.init()
        self.version = version
        initialDelaySeconds = probe.initialDelaySeconds
        timeoutSeconds = probe.timeoutSeconds
        periodSeconds = probe.periodSeconds
        successThreshold = probe.successThreshold
        failureThreshold = probe.failureThreshold
        switch probe.method {
        case .httpGet(let get):
            httpGet = .with {
                $0.path = get.path
                $0.port = UInt32(get.port)
                $0.host = get.host
                $0.tls = get.isTLS
                $0.headers = get.headers.map { header in
                    .with {
                        $0.name = header.name
                        $0.value = header.value
                    }
                }
            }
        case .tcpSocket(let port, let host):
            tcpSocket = .with {
                $0.port = UInt32(port)
                $0.host = host
            }
        case .grpc(let port, let service):
            grpc = .with {
                $0.port = UInt32(port)
                $0.service = service
            }
        case .exec(let command): exec = .with { $0.command = command }
        }
    }
}
