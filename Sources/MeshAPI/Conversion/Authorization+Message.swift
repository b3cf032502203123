package import MeshModel
import SwiftProtobuf

extension Authorization {
    /// Takes a policy from the wire. What cannot be understood inside a match marks the match, which then never widens:
    /// an allow policy's match never matches, a deny policy's match takes the condition as met (D11).
    package convenience init(_ message: Istio_Security_Authorization) throws(ConversionError) {
        let reader = FieldReader(resource: "\(message.namespace)/\(message.name)")
        self.init(
            name: try reader.nonEmpty(message.name, "name"), namespace: message.namespace,
            scope: try Self.scope(message.scope, reader), action: try Self.action(message.action, reader),
            isDryRun: message.dryRun,
            rules: message.groups.map { group in
                AuthorizationRule(
                    group.rules.map { AuthorizationClause($0.matches.map { AuthorizationMatch($0) }) })
            })
    }

    private static func scope(
        _ message: Istio_Security_Scope, _ reader: FieldReader
    ) throws(ConversionError) -> Scope {
        switch message {
        case .global: return .global
        case .namespace: return .namespace
        case .workloadSelector: return .workloadSelector
        case .UNRECOGNIZED(let value): throw reader.error("scope", "\(value) is not known")
        }
    }

    private static func action(
        _ message: Istio_Security_Action, _ reader: FieldReader
    ) throws(ConversionError) -> Action {
        switch message {
        case .allow: return .allow
        case .deny: return .deny
        case .UNRECOGNIZED(let value): throw reader.error("action", "\(value) is not known")
        }
    }
}
