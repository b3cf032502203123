import ControlPlane
import Foundation
import MeshModel
import Testing

/// Documents that people have written for Istio and Kubernetes, from the folder `shared` beside the checkout.
@Suite("Documents of others")
struct SharedDocumentTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "../shared").standardized

    private static let isPresent = FileManager.default.fileExists(atPath: folder.path() + "/istio-samples")

    /// Each document with the file that it is from.
    private static func documents() throws -> [(file: String, text: String)] {
        var found: [(file: String, text: String)] = []
        for part in ["istio-samples", "seed-configs"] {
            let root = folder.appending(path: part)
            for case let path as String in FileManager.default.enumerator(atPath: root.path()) ?? .init()
            where path.hasSuffix(".yaml") {
                let text = try String(contentsOf: root.appending(path: path), encoding: .utf8)
                for document in "\n\(text)".components(separatedBy: "\n---") where document.contains("\nkind:") {
                    found.append((part + "/" + path, document))
                }
            }
        }
        return found
    }

    @Test(
        "every document of a served kind is accepted, every other one is refused with what to do instead",
        .enabled(if: isPresent, "the folder ../shared with Istio's samples is not beside this checkout"))
    func acceptance() async throws {
        let harness = try APIHarness()
        var accepted: [String: Int] = [:]
        var refused: [String: Int] = [:]
        for (file, text) in try Self.documents() {
            let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("kind:") })
            let word = line.dropFirst(5).trimmingCharacters(in: .whitespaces)
            let isServed = ResourceKind(rawValue: word) != nil && !text.contains("gateway.networking.k8s.io/")
            let kind = ResourceKind(rawValue: word) ?? .service
            let version = ["v1beta1", "v1alpha3"].first { text.contains("\(kind.group)/\($0)") } ?? "v1"
            let root = kind.group.isEmpty ? "/api/v1" : "/apis/\(kind.group)/\(version)"
            let named = text.split(separator: "\n").first { $0.hasPrefix("  namespace: ") }?.dropFirst(13)
            let reply = await harness.call(
                "POST", "\(root)/namespaces/\(named ?? "default")/\(kind.plural)?dryRun=All", text,
                type: "application/yaml")
            guard case .document(let document) = reply.body else {
                Issue.record("\(file): no document")
                continue
            }
            if file.hasSuffix("/000-user-service-virtualservice.yaml") {
                // As its author printed it: one key stands twice.
                #expect(document["message"]?.asString?.contains("the key \"route\" occurs twice in one object") == true)
            } else if isServed {
                #expect(reply.status == 201, "\(file): \(document.compactText)")
                accepted[word, default: 0] += 1
            } else {
                #expect(reply.status == 422, "\(file): \(document.compactText)")
                #expect(document["message"]?.asString?.contains("\"\(word)\" is not served here; ") == true, "\(file)")
                refused[word, default: 0] += 1
            }
        }
        #expect(accepted["Service", default: 0] >= 20)
        #expect(accepted["ServiceEntry", default: 0] >= 5)
        #expect(accepted["VirtualService", default: 0] >= 20)
        #expect(accepted["Gateway", default: 0] >= 5)
        #expect(refused["HTTPRoute", default: 0] >= 10)
        #expect(refused["Gateway", default: 0] >= 3)
    }
}
