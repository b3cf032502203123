import SwiftASN1
import X509

/// The checks on a certificate signing request (PKCS#10, RFC 2986) before anything is signed.
enum WorkloadCertificateRequest {
    /// The public key of a request that is well formed, signed by that key, and names exactly `identity` as one URI.
    ///
    /// Throws `refuseRequest` for a malformed, unsigned or weak request and `refuseName` where it names anything else.
    static func publicKey(
        ofPEM text: String, naming identity: String, maximumLength: Int
    ) throws(AuthorityError) -> Certificate.PublicKey {
        let request = try signed(ofPEM: text, maximumLength: maximumLength)
        try checkName(request, identity: identity)
        return request.publicKey
    }

    /// A request that is well formed, of a key that may be used, and signed by that key. Its names are not checked.
    static func signed(ofPEM text: String, maximumLength: Int) throws(AuthorityError) -> CertificateSigningRequest {
        let request = try parse(text, maximumLength: maximumLength)
        try checkKey(request.publicKey)
        guard request.publicKey.isValidSignature(request.signature, for: request) else {
            throw AuthorityError(.refuseRequest, "the signing request is not signed by the key that it carries")
        }
        return request
    }

    /// The one URI that a request names, for a caller that did not say for whom it asks. Not checked otherwise.
    static func soleURI(ofPEM text: String, maximumLength: Int) throws(AuthorityError) -> String {
        let names = try names(in: parse(text, maximumLength: maximumLength))
        guard names.count == 1, case .uniformResourceIdentifier(let uri)? = names.first else {
            throw AuthorityError(.refuseName, "the signing request must name exactly one SPIFFE URI")
        }
        return uri
    }

    private static func parse(_ text: String, maximumLength: Int) throws(AuthorityError) -> CertificateSigningRequest {
        guard text.utf8.count <= maximumLength else {
            throw AuthorityError(
                .refuseRequest,
                "the signing request is \(text.utf8.count) bytes long; at most \(maximumLength) are read")
        }
        do {
            return try CertificateSigningRequest(pemEncoded: text)
        } catch {
            throw AuthorityError(.refuseRequest, "the signing request is not a PKCS#10 request in PEM: \(error)")
        }
    }

    /// P-256, P-384, P-521 and RSA of 2048 to 8192 bits: what TLS 1.3 peers of the mesh verify.
    private static func checkKey(_ key: Certificate.PublicKey) throws(AuthorityError) {
        let kind = String(describing: key)
        if ["P256.PublicKey", "P384.PublicKey", "P521.PublicKey"].contains(kind) { return }
        if kind.hasPrefix("RSA"), let bits = Int(kind.dropFirst(3).prefix(while: \.isNumber)),
            (2048...8192).contains(bits)
        {
            return
        }
        throw AuthorityError(
            .refuseRequest,
            "keys of the kind \(kind) are not signed; use ECDSA P-256 (or P-384, P-521, RSA 2048 to 8192)")
    }

    private static func checkName(
        _ request: CertificateSigningRequest, identity: String
    ) throws(AuthorityError) {
        let names = try names(in: request)
        guard !names.isEmpty else {
            throw AuthorityError(.refuseName, "the signing request names nobody; it must carry the URI \(identity)")
        }
        guard names.count == 1, names.first == .uniformResourceIdentifier(identity) else {
            let found = names.map { "\($0)" }.joined(separator: ", ")
            throw AuthorityError(
                .refuseName, "the signing request must name exactly the URI \(identity), and names \(found)")
        }
    }

    private static func names(in request: CertificateSigningRequest) throws(AuthorityError) -> [GeneralName] {
        do {
            return try request.attributes.extensionRequest?.extensions.subjectAlternativeNames.map(Array.init) ?? []
        } catch {
            throw AuthorityError(.refuseRequest, "the names in the signing request cannot be read: \(error)")
        }
    }
}
