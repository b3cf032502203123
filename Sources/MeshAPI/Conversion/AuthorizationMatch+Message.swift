package import MeshModel
import SwiftProtobuf

extension AuthorizationMatch {
    /// Takes one match; elements that cannot be understood are left out of their lists and mark their kind as unusable.
    package init(_ message: Istio_Security_Match) {
        self.init()
        namespaces = take(message.namespaces, .namespaces, Self.string)
        notNamespaces = take(message.notNamespaces, .namespaces, Self.string)
        principals = take(message.principals, .principals, Self.string)
        notPrincipals = take(message.notPrincipals, .principals, Self.string)
        sourceIPs = take(message.sourceIps, .sourceIPs, Self.range)
        notSourceIPs = take(message.notSourceIps, .sourceIPs, Self.range)
        destinationIPs = take(message.destinationIps, .destinationIPs, Self.range)
        notDestinationIPs = take(message.notDestinationIps, .destinationIPs, Self.range)
        destinationPorts = take(message.destinationPorts, .destinationPorts) { UInt16(exactly: $0) }
        notDestinationPorts = take(message.notDestinationPorts, .destinationPorts) { UInt16(exactly: $0) }
        serviceAccounts = take(message.serviceAccounts, .serviceAccounts, Self.serviceAccount)
        notServiceAccounts = take(message.notServiceAccounts, .serviceAccounts, Self.serviceAccount)
        // A field of a newer control plane is a condition that is not understood here.
        if !message.extensions.isEmpty || !message.unknownFields.data.isEmpty { unusable.insert(.extensions) }
    }

    private mutating func take<Message, Element>(
        _ messages: [Message], _ field: AuthorizationFields, _ convert: (Message) -> Element?
    ) -> [Element] {
        var elements: [Element] = []
        for message in messages {
            if let element = convert(message) { elements.append(element) } else { unusable.insert(field) }
        }
        return elements
    }

    private static func string(_ message: Istio_Security_StringMatch) -> StringMatch? {
        switch message.matchType {
        case .exact(let value): .exact(value)
        case .prefix(let value): .prefix(value)
        case .suffix(let value): .suffix(value)
        case .presence: .presence
        case nil: nil
        }
    }

    private static func range(_ message: Istio_Security_Address) -> CIDR? {
        guard message.length <= 128, let address = IPAddress(bytes: message.address) else { return nil }
        return CIDR(address, prefixLength: Int(message.length))
    }

    private static func serviceAccount(_ message: Istio_Security_ServiceAccountMatch) -> ServiceAccountMatch? {
        guard !message.serviceAccount.isEmpty else { return nil }
        return ServiceAccountMatch(namespace: message.namespace, serviceAccount: message.serviceAccount)
    }
}
