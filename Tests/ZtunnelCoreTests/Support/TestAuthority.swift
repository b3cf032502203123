import Glibc
import MeshModel
import TLSEngine
import Testing

/// A certificate authority of a test, made with the openssl program in a folder of its own.
final class TestAuthority: Sendable {
    private let folder: String

    init(_ name: String = "root") throws {
        var template = Array("/tmp/ztd-ca-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        try key("root")
        try openssl(
            "req -x509 -new -key \(folder)/root.key -sha256 -days 2 -subj '/O=Ambit test \(name)' "
                + "-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign "
                + "-out \(folder)/root.crt")
    }

    deinit { _ = try? Command.run("rm -rf \(folder)") }

    /// A leaf with one URI name, and the root.
    func material(_ identity: SPIFFEIdentity) throws -> TLSIdentityMaterial {
        let name = "\(identity.trustDomain)-\(identity.namespace)-\(identity.serviceAccount)"
        try key(name)
        try openssl("req -new -key \(folder)/\(name).key -subj / -out \(folder)/\(name).csr")
        try Command.run(
            "printf '%s\\n' 'subjectAltName=critical,URI:\(identity.uri)' 'keyUsage=critical,digitalSignature' "
                + "'extendedKeyUsage=serverAuth,clientAuth' 'basicConstraints=critical,CA:FALSE' > \(folder)/\(name).ext"
        )
        try openssl(
            "x509 -req -in \(folder)/\(name).csr -CA \(folder)/root.crt -CAkey \(folder)/root.key -CAcreateserial "
                + "-CAserial \(folder)/serial -sha256 -days 2 -extfile \(folder)/\(name).ext -out \(folder)/\(name).crt"
        )
        return TLSIdentityMaterial(
            certificateChainPEM: try read("\(name).crt"), privateKeyPEM: try read("\(name).key"),
            rootsPEM: try read("root.crt"))
    }

    private func key(_ name: String) throws {
        try openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out \(folder)/\(name).key")
    }

    private func openssl(_ arguments: String) throws { try Command.run("openssl \(arguments)") }

    private func read(_ name: String) throws -> String { try Command.run("cat \(folder)/\(name)") }
}
