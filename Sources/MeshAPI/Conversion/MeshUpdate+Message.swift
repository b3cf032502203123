package import MeshModel
import SwiftProtobuf

extension MeshUpdate {
    /// Takes a resource of the Address type.
    package init(_ message: Istio_Workload_Address) throws(ConversionError) {
        switch message.type {
        case .workload(let workload): self = .workload(try Workload(workload))
        case .service(let service): self = .service(try Service(service))
        case nil:
            throw ConversionError(resource: "Address", field: "type", problem: "is neither a workload nor a service")
        }
    }

    /// Takes a resource of the Authorization type.
    package init(_ message: Istio_Security_Authorization) throws(ConversionError) {
        self = .policy(try Authorization(message))
    }

    /// Takes the bytes of a resource, as a discovery response of the type `typeURL` names and carries it. The name must be
    /// the resource's own: an entry under a wrong name could never be removed.
    package init(typeURL: String, name: String, bytes: [UInt8]) throws(ConversionError) {
        do {
            switch typeURL {
            case TypeURLs.address: try self.init(Istio_Workload_Address(serializedBytes: bytes))
            case TypeURLs.authorization: try self.init(Istio_Security_Authorization(serializedBytes: bytes))
            default: throw ConversionError(resource: name, field: "type_url", problem: "\(typeURL) is not known")
            }
        } catch let error as ConversionError {
            throw error
        } catch {
            throw ConversionError(resource: name, field: "resource", problem: "is not a message of \(typeURL)")
        }
        guard resourceName == name else {
            throw ConversionError(resource: name, field: "name", problem: "the resource calls itself \(resourceName)")
        }
    }

    /// The name of the resource in discovery.
    package var resourceName: String {
        switch self {
        case .workload(let workload): workload.uid
        case .service(let service): service.key.description
        case .policy(let policy): policy.key.description
        }
    }
}

extension Istio_Workload_Address {
    /// The workload as a resource of the Address type.
    package init(_ workload: Workload) {
        self.init()
        self.workload = Istio_Workload_Workload(workload)
    }

    /// The service as a resource of the Address type.
    package init(_ service: Service) {
        self.init()
        self.service = Istio_Workload_Service(service)
    }
}
