import Foundation
import Synchronization

/// A certificate authority for tests, made with the `openssl` program so that nothing under test judges its own output.
package struct TestAuthority: Sendable {
    /// What is wrong, or not, with a certificate that is to be issued.
    package struct Options: Sendable {
        /// URI names; empty for a certificate without any.
        package var uris: [String] = []
        /// DNS and IP names, in openssl's form ("DNS:host", "IP:127.0.0.1").
        package var otherNames: [String] = []
        /// "clientAuth", "serverAuth"; empty for no extension.
        package var usages = ["clientAuth", "serverAuth"]
        /// Validity, as openssl's `-not_before`/`-not_after` times; nil for a day around now.
        package var period: (notBefore: String, notAfter: String)?
        /// Signed with its own key.
        package var selfSigned = false

        /// A certificate for one URI.
        package init(_ uris: String...) { self.uris = uris }
    }

    /// A certificate and its key.
    package struct Issued: Sendable {
        /// Leaf.
        package let certificatePEM: String
        /// Its key.
        package let keyPEM: String
    }

    /// Where its files are, for as long as anybody has the authority; of one that a suite keeps for ever, until the process ends.
    private final class Folder: Sendable {
        private static let present = Mutex<Set<String>>([])
        private static let removal: Void = {
            atexit { Folder.present.withLock { for path in $0 { try? FileManager.default.removeItem(atPath: path) } } }
        }()

        let path = NSTemporaryDirectory() + "ambit-test-ca-\(UUID().uuidString)"

        init() {
            Self.removal
            _ = Self.present.withLock { $0.insert(path) }
        }

        deinit {
            _ = Self.present.withLock { $0.remove(path) }
            try? FileManager.default.removeItem(atPath: path)
        }
    }

    private let folder = Folder()
    private var directory: String { folder.path }
    /// The root certificate.
    package let rootPEM: String

    /// Makes a root.
    package init(name: String = "test root") throws {
        let directory = folder.path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try Self.openssl(
            directory,
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.crt -days 10 -subj"
                .split(separator: " ").map(String.init)
                + [
                    "/O=\(name)", "-addext", "basicConstraints=critical,CA:TRUE", "-addext",
                    "keyUsage=critical,keyCertSign,cRLSign",
                ])
        rootPEM = try String(contentsOfFile: directory + "/ca.crt", encoding: .utf8)
        try Data().write(to: URL(fileURLWithPath: directory + "/index.txt"))
    }

    /// Issues a P-256 certificate.
    package func issue(_ options: Options) throws -> Issued {
        let stem = UUID().uuidString
        var configuration = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n"
        if !options.usages.isEmpty { configuration += "extendedKeyUsage=\(options.usages.joined(separator: ","))\n" }
        let names = options.uris.map { "URI:\($0)" } + options.otherNames
        if !names.isEmpty { configuration += "subjectAltName=critical,\(names.joined(separator: ","))\n" }
        try configuration.write(toFile: "\(directory)/\(stem).ext", atomically: false, encoding: .utf8)
        try Self.openssl(
            directory,
            [
                "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                "\(stem).key",
                "-out", "\(stem).csr", "-subj", "/",
            ])
        if let period = options.period {
            let database = """
                [ca]
                default_ca=d
                [d]
                dir=.
                database=\(stem).db
                serial=\(stem).serial
                new_certs_dir=.
                default_md=sha256
                policy=p
                [p]
                organizationName=optional

                """
            try database.write(toFile: "\(directory)/\(stem).cnf", atomically: false, encoding: .utf8)
            try "".write(toFile: "\(directory)/\(stem).db", atomically: false, encoding: .utf8)
            try "0A0B".write(toFile: "\(directory)/\(stem).serial", atomically: false, encoding: .utf8)
            try Self.openssl(
                directory,
                [
                    "ca", "-batch", "-config", "\(stem).cnf", "-cert", "ca.crt", "-keyfile", "ca.key", "-in",
                    "\(stem).csr",
                    "-out", "\(stem).crt", "-extfile", "\(stem).ext", "-startdate", period.notBefore, "-enddate",
                    period.notAfter, "-notext", "-subj", "/O=test",
                ])
        } else {
            let signer =
                options.selfSigned
                ? ["-signkey", "\(stem).key"]
                : ["-CA", "ca.crt", "-CAkey", "ca.key", "-set_serial", "\(UInt32.random(in: 1...UInt32.max))"]
            try Self.openssl(
                directory,
                ["x509", "-req", "-in", "\(stem).csr", "-out", "\(stem).crt", "-days", "1", "-extfile", "\(stem).ext"]
                    + signer)
        }
        return Issued(
            certificatePEM: try String(contentsOfFile: "\(directory)/\(stem).crt", encoding: .utf8),
            keyPEM: try String(contentsOfFile: "\(directory)/\(stem).key", encoding: .utf8))
    }

    /// Signs a request as it is and returns the certificate.
    package func sign(csrPEM: String) throws -> String {
        let stem = UUID().uuidString
        try csrPEM.write(toFile: "\(directory)/\(stem).csr", atomically: false, encoding: .utf8)
        try Self.openssl(
            directory,
            [
                "x509", "-req", "-in", "\(stem).csr", "-out", "\(stem).crt", "-days", "1", "-CA", "ca.crt", "-CAkey",
                "ca.key", "-set_serial", "77", "-copy_extensions", "copy",
            ])
        return try String(contentsOfFile: "\(directory)/\(stem).crt", encoding: .utf8)
    }

    /// A list of revocations of this authority on which `revoked` are.
    package func revocations(of revoked: [Issued]) throws -> String {
        let stem = UUID().uuidString
        let configuration =
            "[ca]\ndefault_ca=d\n[d]\ndatabase=\(stem).db\ndefault_md=sha256\ndefault_crl_days=1\n"
        try configuration.write(toFile: "\(directory)/\(stem).cnf", atomically: false, encoding: .utf8)
        try "".write(toFile: "\(directory)/\(stem).db", atomically: false, encoding: .utf8)
        let signer = ["ca", "-config", "\(stem).cnf", "-cert", "ca.crt", "-keyfile", "ca.key"]
        for (index, one) in revoked.enumerated() {
            let file = "\(stem)-\(index).crt"
            try one.certificatePEM.write(toFile: "\(directory)/\(file)", atomically: false, encoding: .utf8)
            try Self.openssl(directory, signer + ["-revoke", file])
        }
        try Self.openssl(directory, signer + ["-gencrl", "-out", "\(stem).crl"])
        return try String(contentsOfFile: "\(directory)/\(stem).crl", encoding: .utf8)
    }

    /// SHA-256 of a certificate and of its key (SubjectPublicKeyInfo), as openssl has them.
    package func digests(of issued: Issued) throws -> (certificate: [UInt8], key: [UInt8]) {
        let stem = UUID().uuidString
        try issued.certificatePEM.write(toFile: "\(directory)/\(stem).crt", atomically: false, encoding: .utf8)
        for arguments in [
            "x509 -in \(stem).crt -outform der -out \(stem).der",
            "x509 -in \(stem).crt -pubkey -noout -out \(stem).pub",
            "pkey -pubin -in \(stem).pub -outform der -out \(stem).key.der",
            "dgst -sha256 -binary -out \(stem).sha \(stem).der",
            "dgst -sha256 -binary -out \(stem).key.sha \(stem).key.der",
        ] {
            try Self.openssl(directory, arguments.split(separator: " ").map(String.init))
        }
        func read(_ end: String) throws -> [UInt8] {
            try Array(Data(contentsOf: URL(fileURLWithPath: "\(directory)/\(stem).\(end)")))
        }
        return (try read("sha"), try read("key.sha"))
    }

    /// Runs openssl with `arguments` in `directory`; fails with what it printed.
    private static func openssl(_ directory: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        let output = Pipe()
        process.standardError = output
        process.standardOutput = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw TestAuthorityError(message: text) }
    }
}

/// What openssl said.
package struct TestAuthorityError: Error {
    let message: String
}
