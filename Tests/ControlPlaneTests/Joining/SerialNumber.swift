import SwiftASN1
import X509

/// Serial numbers as ambitd and OpenSSL write them.
enum SerialNumber {
    static func text(ofPEM pem: String) throws -> String {
        try Certificate(pemEncoded: pem).serialNumber.bytes.drop { $0 == 0 }.map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }
}
