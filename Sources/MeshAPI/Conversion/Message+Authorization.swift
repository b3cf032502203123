import FoundationEssentials
package import MeshModel
import SwiftProtobuf

extension Istio_Security_Authorization {
    /// The policy as it goes over the wire. A match that was marked unusable becomes one that the receiver marks again.
    package init(_ policy: Authorization) {
        self.init()
        name = policy.name
        namespace = policy.namespace
        switch policy.scope {
        case .global: scope = .global
        case .namespace: scope = .namespace
        case .workloadSelector: scope = .workloadSelector
        }
        action = policy.action == .deny ? .deny : .allow
        dryRun = policy.isDryRun
        groups = policy.rules.map { rule in
            .with { group in
                group.rules = rule.clauses.map { clause in
                    .with { $0.matches = clause.matches.map(Istio_Security_Match.init) }
                }
            }
        }
    }
}

extension Istio_Security_Match {
    init(_ match: AuthorizationMatch) {
        self.init()
        namespaces = match.namespaces.map(Istio_Security_StringMatch.init)
        notNamespaces = match.notNamespaces.map(Istio_Security_StringMatch.init)
        principals = match.principals.map(Istio_Security_StringMatch.init)
        notPrincipals = match.notPrincipals.map(Istio_Security_StringMatch.init)
        sourceIps = match.sourceIPs.map(Istio_Security_Address.init)
        notSourceIps = match.notSourceIPs.map(Istio_Security_Address.init)
        destinationIps = match.destinationIPs.map(Istio_Security_Address.init)
        notDestinationIps = match.notDestinationIPs.map(Istio_Security_Address.init)
        destinationPorts = match.destinationPorts.map(UInt32.init)
        notDestinationPorts = match.notDestinationPorts.map(UInt32.init)
        serviceAccounts = match.serviceAccounts.map(Istio_Security_ServiceAccountMatch.init)
        notServiceAccounts = match.notServiceAccounts.map(Istio_Security_ServiceAccountMatch.init)
        // The unset form of an element is what no receiver can understand, so the mark survives the wire.
        if match.unusable.contains(.namespaces) { namespaces.append(Istio_Security_StringMatch()) }
        if match.unusable.contains(.principals) { principals.append(Istio_Security_StringMatch()) }
        if match.unusable.contains(.sourceIPs) { sourceIps.append(Istio_Security_Address()) }
        if match.unusable.contains(.destinationIPs) { destinationIps.append(Istio_Security_Address()) }
        if match.unusable.contains(.destinationPorts) { destinationPorts.append(.max) }
        if match.unusable.contains(.serviceAccounts) {
            serviceAccounts.append(Istio_Security_ServiceAccountMatch())
        }
        if match.unusable.contains(.extensions) { extensions.append(Istio_Security_Extension()) }
    }
}

extension Istio_Security_StringMatch {
    init(_ match: StringMatch) {
        self.init()
        switch match {
        case .exact(let value): exact = value
        case .prefix(let value): prefix = value
        case .suffix(let value): suffix = value
        case .presence: presence = Google_Protobuf_Empty()
        }
    }
}

extension Istio_Security_Address {
    init(_ range: CIDR) {
        self.init()
        address = Data(range.address.bytes)
        length = UInt32(range.prefixLength)
    }
}

extension Istio_Security_ServiceAccountMatch {
    init(_ match: ServiceAccountMatch) {
        self.init()
        namespace = match.namespace
        serviceAccount = match.serviceAccount
    }
}
