import FoundationEssentials
import MeshAPI
import MeshModel
import SwiftProtobuf
import Testing

@Suite struct AuthorizationConversionTests {
    static func policy(_ match: AuthorizationMatch, action: Authorization.Action = .deny) -> Authorization {
        Authorization(
            name: "p", namespace: "ns", scope: .workloadSelector, action: action, isDryRun: true,
            rules: [AuthorizationRule([]), AuthorizationRule([AuthorizationClause([]), AuthorizationClause([match])])])
    }

    @Test func everyFieldSurvivesTheWire() throws {
        var match = AuthorizationMatch()
        match.namespaces = [.exact("a"), .prefix("b"), .suffix("c"), .presence]
        match.notNamespaces = [.exact("d")]
        match.principals = [.suffix("/sa/x")]
        match.notPrincipals = [.presence]
        match.sourceIPs = [CIDR("10.0.0.0/8"), CIDR("::/0")].compactMap { $0 }
        match.notSourceIPs = [CIDR("10.0.0.1")].compactMap { $0 }
        match.destinationIPs = [CIDR("2001:db8::/32")].compactMap { $0 }
        match.notDestinationIPs = [CIDR("0.0.0.0/0")].compactMap { $0 }
        match.destinationPorts = [0, 80, 65535]
        match.notDestinationPorts = [443]
        match.serviceAccounts = [ServiceAccountMatch(namespace: "n", serviceAccount: "s")]
        match.notServiceAccounts = [ServiceAccountMatch(namespace: "", serviceAccount: "s")]
        for scope in [Authorization.Scope.global, .namespace, .workloadSelector] {
            for action in [Authorization.Action.allow, .deny] {
                let policy = Authorization(
                    name: "p", namespace: "ns", scope: scope, action: action, isDryRun: action == .deny,
                    rules: Self.policy(match).rules)
                let bytes: [UInt8] = try Istio_Security_Authorization(policy).serializedBytes()
                #expect(try MeshUpdate(typeURL: TypeURLs.authorization, name: "ns/p", bytes: bytes) == .policy(policy))
            }
        }
    }

    static let unusable: [(AuthorizationFields, @Sendable (inout Istio_Security_Match) -> Void)] = [
        (.namespaces, { $0.namespaces = [.init()] }), (.namespaces, { $0.notNamespaces = [.init()] }),
        (.principals, { $0.principals = [.init(), .with { $0.exact = "x" }] }),
        (.principals, { $0.notPrincipals = [.init()] }),
        (
            .sourceIPs,
            {
                $0.sourceIps = [
                    .with {
                        $0.address = Data([1, 2, 3]); $0.length = 8
                    }
                ]
            }
        ),
        (
            .sourceIPs,
            {
                $0.notSourceIps = [
                    .with {
                        $0.address = Data([10, 0, 0, 0]); $0.length = 33
                    }
                ]
            }
        ),
        (
            .destinationIPs,
            {
                $0.destinationIps = [
                    .with {
                        $0.address = Data(repeating: 0, count: 16); $0.length = 129
                    }
                ]
            }
        ),
        (
            .destinationIPs,
            {
                $0.notDestinationIps = [
                    .with {
                        $0.address = Data([10, 0, 0, 0]); $0.length = .max
                    }
                ]
            }
        ),
        (.destinationPorts, { $0.destinationPorts = [65616] }),
        (.destinationPorts, { $0.notDestinationPorts = [.max] }),
        (.serviceAccounts, { $0.serviceAccounts = [.init()] }),
        (.serviceAccounts, { $0.notServiceAccounts = [.with { $0.namespace = "n" }] }),
        (.extensions, { $0.extensions = [.with { $0.name = "x" }] }),
        // Field 100, of a version to come.
        (.extensions, { try? $0.merge(serializedBytes: [0xa0, 0x06, 0x01] as [UInt8]) }),
    ]

    /// What cannot be understood is kept as a mark, not dropped: an emptied list would match more.
    @Test(arguments: unusable.indices) func marksWhatCannotBeUnderstood(_ index: Int) throws {
        let (field, change) = Self.unusable[index]
        var message = Istio_Security_Match()
        change(&message)
        let match = AuthorizationMatch(message)
        #expect(match.unusable == field)
        #expect(!match.isEmpty)
        let policy = Self.policy(match)
        #expect(
            try Authorization(Istio_Security_Authorization(policy)).rules == policy.rules, "the mark survives the wire")
    }

    static let refusals: [(String, @Sendable (inout Istio_Security_Authorization) -> Void)] = [
        ("name", { $0.name = "" }), ("scope", { $0.scope = .UNRECOGNIZED(3) }),
        ("action", { $0.action = .UNRECOGNIZED(2) }),
    ]

    @Test(arguments: refusals.indices) func refusesWithResourceAndField(_ index: Int) throws {
        let (field, change) = Self.refusals[index]
        var message = Istio_Security_Authorization.with {
            $0.name = "p"
            $0.namespace = "ns"
        }
        change(&message)
        let error = try #require(throws: ConversionError.self) { try Authorization(message) }
        #expect(error.field == field && error.resource == "ns/\(message.name)")
    }
}
