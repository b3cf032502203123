import Foundation
import MeshModel
import Testing

@testable import CommandLineTool

/// `ambitctl kubeconfig` against an ambitd whose answer the test gives.
@Suite struct KubeconfigTests {
    @Test(
        "roles and namespaces become groups",
        arguments: [
            (RoleName.admin, [], ["ambit:admins"]), (.reader, [], ["ambit:readers"]),
            (.reader, ["a"], ["ambit:reader:a"]), (.editor, ["a", "b"], ["ambit:editor:a", "ambit:editor:b"]),
        ] as [(RoleName, [String], [String])])
    func roles(_ role: RoleName, _ namespaces: [String], _ groups: [String]) throws {
        #expect(try role.roles(in: namespaces).map(\.group) == groups)
    }

    @Test(
        "what does not go together is refused before anything is sent",
        arguments: [(RoleName.admin, ["a"]), (.editor, []), (.reader, ["A b"])] as [(RoleName, [String])])
    func refused(_ role: RoleName, _ namespaces: [String]) {
        let failure = #expect(throws: CommandFailure.self) { try role.roles(in: namespaces) }
        #expect(failure?.message?.contains("--namespace") == true)
        #expect(failure?.status == .usage)
    }

    @Test("the file leads to the same server, as the user, in the namespace")
    func document() throws {
        let text = KubeconfigDocument(
            server: "https://192.0.2.1:6443", authority: Array("CA".utf8), user: "jane", certificatePEM: "CERT",
            keyPEM: "KEY", namespace: "shop"
        ).text
        let read = try Kubeconfig(bytes: Array(text.utf8), path: "jane", context: nil)
        #expect(read.server == "https://192.0.2.1:6443")
        #expect(read.authority == Array("CA".utf8))
        #expect(read.credentials?.certificate == Array("CERT".utf8))
        #expect(read.credentials?.key == Array("KEY".utf8))
        #expect(read.namespace == "shop")
    }

    @Test("a file with a key is for its owner alone, and none is replaced")
    func privateFile() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "ambit-\(UUID().uuidString)").path()
        defer { try? FileManager.default.removeItem(atPath: path) }
        try PrivateFile.write("secret", to: path)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
        #expect(mode?.intValue == 0o600)
        let failure = #expect(throws: CommandFailure.self) { try PrivateFile.write("other", to: path) }
        #expect(failure?.remedy?.contains("remove it first") == true)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "secret")
    }
}
