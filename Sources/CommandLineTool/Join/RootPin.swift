import Crypto
import SwiftASN1
import X509

/// Finds the root that a token pins among certificates that anybody may have sent. Pure.
enum RootPin {
    /// The certificates of `pem` whose subject public key info has the SHA-256 `pin` (hexadecimal), as PEM; empty where none has.
    /// Whose key it is decides, so what else such a certificate says does not matter: only who has the key can sign below it.
    static func matching(_ pin: String, in pem: String) -> [String] {
        guard let documents = try? PEMDocument.parseMultiple(pemString: pem) else { return [] }
        return documents.compactMap { document in
            guard let certificate = try? Certificate(pemDocument: document),
                let key = try? certificate.publicKey.serializeAsPEM().derBytes
            else { return nil }
            let hash = SHA256.hash(data: key)
            let digits = hash.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            return digits == pin ? document.pemString + "\n" : nil
        }
    }
}
