package import FoundationEssentials
import SwiftASN1
import X509

extension Authority {
    /// A user's certificate, made of the user's own signing request.
    package struct SignedClientCertificate: Sendable {
        /// The leaf first, then the intermediates, PEM.
        package let chainPEM: String
        package let user: String
        package let groups: [String]
        package let notAfter: Date
    }

    /// Signs a request for a client certificate of the resource API: the subject is the user and the roles.
    ///
    /// `requestedLifetime` of zero or less means the default; longer than the maximum is cut. Of the request only the public
    /// key, the user and the roles are used, and only in a form that is allowed.
    package func signClientCertificate(
        csrPEM: String, requestedLifetime: TimeInterval
    ) throws(AuthorityError) -> SignedClientCertificate {
        let signed = try WorkloadCertificateRequest.signed(
            ofPEM: csrPEM, maximumLength: configuration.maximumRequestLength)
        let request = try ClientCertificateRequest(subject: signed.subject)
        let wanted = requestedLifetime > 0 ? requestedLifetime : configuration.defaultUserLifetime
        let certificate = try sign(
            publicKey: signed.publicKey, names: [], subject: try Self.subject(request), usages: [.clientAuth],
            lifetime: min(wanted, configuration.clientLifetime))
        return SignedClientCertificate(
            chainPEM: try Self.pem(certificate) + intermediatesPEM.joined(), user: request.user, groups: request.groups,
            notAfter: certificate.notValidAfter)
    }

    private static func subject(_ request: ClientCertificateRequest) throws(AuthorityError) -> DistinguishedName {
        do {
            return try DistinguishedName {
                for group in request.groups { OrganizationName(group) }
                CommonName(request.user)
            }
        } catch {
            throw AuthorityError(
                .refuseName, "user \"\(request.user)\" cannot be written into a certificate: \(error)")
        }
    }
}
