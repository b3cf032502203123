import MeshAPI
package import MeshModel
package import MeshRuntime
import SwiftProtobuf
package import TLSEngine

/// Certificates from the control plane: a fresh key and request each time, signed over gRPC (Z 5.4).
///
/// Confined to the control loop.
package final class AuthorityIssuer: CertificateIssuer {
    /// The method that is called.
    package static let method = "/istio.v1.auth.IstioCertificateService/CreateCertificate"
    /// How long one request may take.
    package static let timeout: Duration = .seconds(10)

    private let client: GRPCClient
    private let lifetime: Duration
    private let headers: () -> [(name: String, value: String)]

    /// Asks over `client` for certificates that live for `lifetime`.
    package init(
        client: GRPCClient, lifetime: Duration, headers: @escaping () -> [(name: String, value: String)]
    ) {
        self.client = client
        self.lifetime = lifetime
        self.headers = headers
    }

    package func issue(
        _ identity: SPIFFEIdentity, completion: @escaping (Result<TLSIdentityMaterial, CertificateFailure>) -> Void
    ) {
        issue(uri: identity.uri, completion: completion)
    }

    /// As above, for any SPIFFE id that this node may have: its workloads' and its own.
    package func issue(
        uri: String, completion: @escaping (Result<TLSIdentityMaterial, CertificateFailure>) -> Void
    ) {
        let request: CertificateSigningRequest
        let message: [UInt8]
        do {
            request = try CertificateSigningRequest.make(uri: uri)
            message = try Istio_V1_Auth_IstioCertificateRequest.with {
                $0.csr = request.csrPEM
                $0.validityDuration = lifetime.components.seconds
                $0.metadata.fields["ImpersonatedIdentity"] = .with { $0.stringValue = uri }
            }.serializedBytes()
        } catch {
            return completion(.failure(CertificateFailure("the request for \(uri) cannot be made: \(error)")))
        }
        client.unary(Self.method, message, headers: headers(), timeout: Self.timeout) { [client] result in
            completion(
                Result { () throws(CertificateFailure) in
                    switch result {
                    case .success(let bytes): try Self.material(bytes, key: request.keyPEM)
                    case .failure(let status):
                        throw CertificateFailure("the authority \(client.target) refused \(uri): \(status)")
                    }
                })
        }
    }

    /// The chain is the leaf first, then intermediates; the roots are the last element.
    private static func material(_ bytes: [UInt8], key: String) throws(CertificateFailure) -> TLSIdentityMaterial {
        let chain: [String]
        do {
            chain = try Istio_V1_Auth_IstioCertificateResponse(serializedBytes: bytes).certChain
        } catch {
            throw CertificateFailure("the authority's answer cannot be read: \(error)")
        }
        guard let roots = chain.last else { throw CertificateFailure("the authority's answer has no certificate") }
        guard chain.count > 1 else { throw CertificateFailure("the authority's answer has no root certificate") }
        let certificates = chain.dropLast().map { $0.hasSuffix("\n") ? $0 : $0 + "\n" }.joined()
        return TLSIdentityMaterial(certificateChainPEM: certificates, privateKeyPEM: key, rootsPEM: roots)
    }
}
