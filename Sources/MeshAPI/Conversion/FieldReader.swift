import FoundationEssentials
import MeshModel
import SwiftProtobuf

/// Reads fields of one resource and names it in every error.
struct FieldReader {
    /// The resource, as discovery names it.
    let resource: String

    func error(_ field: String, _ problem: String) -> ConversionError {
        ConversionError(resource: resource, field: field, problem: problem)
    }

    func nonEmpty(_ text: String, _ field: String) throws(ConversionError) -> String {
        if text.isEmpty { throw error(field, "is empty") }
        return text
    }

    func address(_ bytes: Data, _ field: String) throws(ConversionError) -> IPAddress {
        guard let address = IPAddress(bytes: bytes) else {
            throw error(field, "an address has 4 or 16 bytes, this has \(bytes.count)")
        }
        return address
    }

    func port(_ number: UInt32, _ field: String) throws(ConversionError) -> UInt16 {
        guard let port = UInt16(exactly: number) else { throw error(field, "\(number) is not a port") }
        return port
    }

    func ports(_ messages: [Istio_Workload_Port], _ field: String) throws(ConversionError) -> [ServicePort] {
        var ports: [ServicePort] = []
        for message in messages {
            let port = try port(message.servicePort, "\(field).service_port")
            if port == 0 { throw error("\(field).service_port", "is 0") }
            ports.append(
                ServicePort(
                    port: port, targetPort: try self.port(message.targetPort, "\(field).target_port"),
                    applicationProtocol: ApplicationProtocol(message.appProtocol)))
        }
        return ports
    }

    func gateway(_ message: Istio_Workload_GatewayAddress, _ field: String) throws(ConversionError) -> GatewayAddress {
        let number = try port(message.hboneMtlsPort, "\(field).hbone_mtls_port")
        let port = number == 0 ? Ports.hbone : number
        switch message.destination {
        case .hostname(let name):
            return GatewayAddress(
                .hostname(
                    ServiceName(
                        namespace: try nonEmpty(name.namespace, "\(field).hostname.namespace"),
                        hostname: try nonEmpty(name.hostname, "\(field).hostname.hostname"))), port: port)
        case .address(let address):
            if address.hasLength { throw error("\(field).address.length", "a gateway has an address, not a range") }
            return GatewayAddress(
                .address(
                    NetworkAddress(
                        network: address.network, ip: try self.address(address.address, "\(field).address"))),
                port: port)
        case nil:
            throw error(field, "has neither a host name nor an address")
        }
    }
}

extension ApplicationProtocol {
    /// A protocol that is not known yet is a hint that is not understood: the port is carried all the same.
    init(_ message: Istio_Workload_AppProtocol) {
        switch message {
        case .http11: self = .http11
        case .http2: self = .http2
        case .grpc: self = .grpc
        case .unknown, .UNRECOGNIZED: self = .unknown
        }
    }
}
