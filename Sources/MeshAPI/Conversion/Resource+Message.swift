package import MeshModel
import SwiftProtobuf

extension Resource {
    /// Whether a waypoint needs objects of this kind: what acts on requests, what that names, and a gateway its own Service.
    package static func isForWaypoints(_ kind: ResourceKind) -> Bool {
        switch kind {
        case .virtualService, .destinationRule, .gateway, .serviceEntry, .secret, .service: true
        case .namespace, .serviceAccount, .workloadEntry, .workloadGroup, .sidecar, .peerAuthentication,
            .authorizationPolicy:
            false
        }
    }

    /// The name of the object in discovery.
    package var discoveryName: String { "\(kind.kind)/\(metadata.namespace)/\(metadata.name)" }

    /// The encoded message for waypoints. Its bytes are the same whenever what acts on traffic is.
    package func networkingMessage() throws(ConversionError) -> [UInt8] {
        var object = object
        object["status"] = nil
        object["metadata"]?["managedFields"] = nil
        // They change with every write, what the object does need not; age decides between objects and stays.
        object["metadata"]?["resourceVersion"] = nil
        object["metadata"]?["generation"] = nil
        var message = Ambit_Networking_V1_Resource()
        message.kind = kind.kind
        message.namespace = metadata.namespace
        message.name = metadata.name
        message.document = object.compactText
        do {
            return try message.serializedBytes()
        } catch {
            throw ConversionError(resource: discoveryName, field: "document", problem: "cannot be encoded: \(error)")
        }
    }

    /// Takes the bytes of a resource under its name in discovery.
    ///
    /// The document is read strictly but its spec is not: whoever compiles it reads that, and says what it cannot use.
    package init(networkingName name: String, bytes: [UInt8]) throws(ConversionError) {
        let message: Ambit_Networking_V1_Resource
        do {
            message = try Ambit_Networking_V1_Resource(serializedBytes: bytes)
        } catch {
            throw ConversionError(
                resource: name, field: "resource", problem: "is not a message of \(TypeURLs.networking)")
        }
        guard let kind = ResourceKind(rawValue: message.kind), Self.isForWaypoints(kind) else {
            throw ConversionError(resource: name, field: "kind", problem: "\(message.kind) is not for waypoints")
        }
        let object: JSONValue
        do throws(JSONSyntaxError) {
            object = try JSONValue(parsing: message.document.utf8)
        } catch {
            // Where the text is broken says nothing to a person here, and of a Secret it could say its content.
            throw ConversionError(resource: name, field: "document", problem: "is no JSON object")
        }
        guard object.asObject != nil else {
            throw ConversionError(resource: name, field: "document", problem: "is no JSON object")
        }
        self.init(kind: kind, object: object)
        guard metadata.namespace == message.namespace, metadata.name == message.name, discoveryName == name else {
            throw ConversionError(resource: name, field: "name", problem: "the object calls itself \(discoveryName)")
        }
    }
}
