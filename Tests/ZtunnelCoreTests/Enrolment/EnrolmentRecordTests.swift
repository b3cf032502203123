import Testing
import ZtunnelCore

/// What may be enrolled, and what a refusal says.
@Suite struct EnrolmentRecordTests {
    private func record(_ json: String) throws -> EnrolmentRecord { try EnrolmentRecord(json: Array(json.utf8)) }

    @Test func aRequestIsReadAndWrittenBack() throws {
        let text =
            #"{"kind":"netns","target":"web-1","name":"web","namespace":"shop","serviceAccount":"web","labels":{"app":"web"},"ports":{"http":8080},"weight":2,"locality":"r/z/s"}"#
        let made = try record(text)
        #expect(made.uid == "shop/web")
        #expect(made.target.path == "/run/netns/web-1")
        #expect(made.target.resolverFiles == ["/etc/netns/web-1/resolv.conf", "/etc/resolv.conf"])
        #expect(
            made.ports == ["http": 8080] && made.labels == ["app": "web"] && made.weight == 2
                && made.locality == "r/z/s")
        #expect(try EnrolmentRecord(json: try made.json()) == made)
    }

    @Test func namespaceAndAccountHaveDefaults() throws {
        let made = try record(#"{"kind":"netns","target":"/proc/7/ns/net","name":"web"}"#)
        #expect(made.namespace == "default" && made.serviceAccount == "default")
        #expect(made.target.name == nil && made.target.resolverFiles == ["/etc/resolv.conf"])
    }

    @Test(arguments: [
        ("{", "cannot be read"),
        (#"{"kind":"netns","unknown":1}"#, "unknown"),
        (#"{"kind":"pod","target":"a","name":"a"}"#, "enrolments of kind 'pod' are not supported"),
        (#"{"kind":"netns","target":"","name":"a"}"#, "'' names no network namespace"),
        (#"{"kind":"netns","target":"../x","name":"a"}"#, "'../x' names no network namespace"),
        (#"{"kind":"netns","target":"a","name":"A_b"}"#, "name is 'A_b'"),
        (#"{"kind":"netns","target":"a","name":"a","namespace":"x/y"}"#, "namespace is 'x/y'"),
        (#"{"kind":"netns","target":"a","name":"a","serviceAccount":"-"}"#, "serviceAccount is '-'"),
        (#"{"kind":"netns","target":"a","name":"a","ports":{"http":0}}"#, "the port 'http' has the number 0"),
        (#"{"kind":"netns","target":"a","name":"a","ports":{"http":70000}}"#, "the port 'http' has the number 70000"),
        (#"{"kind":"netns","target":"a","name":"a","ports":{"http":15008}}"#, "which ztunnel itself uses"),
    ])
    func wrongRequestsAreRefusedWithARemedy(json: String, problem: String) {
        let error = #expect(throws: EnrolmentError.self) { try record(json) }
        #expect(error?.code == .invalid)
        #expect(error?.problem.contains(problem) == true, "\(error?.problem ?? "")")
        #expect(error?.remedy.isEmpty == false)
    }
}
