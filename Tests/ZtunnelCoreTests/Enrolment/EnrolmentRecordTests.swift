import LinuxNetfilter
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
        let target = try NamespaceTarget(made.target.text)
        #expect(made.target == .networkNamespace(target) && target.path == "/run/netns/web-1")
        #expect(target.resolverFiles == ["/etc/netns/web-1/resolv.conf", "/etc/resolv.conf"])
        #expect(
            made.ports == ["http": 8080] && made.labels == ["app": "web"] && made.weight == 2
                && made.locality == "r/z/s")
        #expect(try EnrolmentRecord(json: try made.json()) == made)
    }

    @Test(arguments: [
        ("unit", "web.service", "web"), ("unit", "pg@15-main", "pg-15-main"), ("slice", "db.slice", "db"),
        ("user", "batch", "batch"), ("container", "podman:web", "web"), ("netns", "/run/netns/n1", "n1"),
    ])
    func theNameIsHadFromTheTarget(kind: String, target: String, name: String) throws {
        #expect(try record(#"{"kind":"\#(kind)","target":"\#(target)"}"#).name == name)
    }

    @Test func whatZtunnelNotedComesBackFromTheDisk() throws {
        var made = try record(#"{"kind":"pid","target":"12","name":"web","namespace":"shop"}"#)
        made.outboundPort = 16003
        made.process = "77@boot"
        made.source = "/etc/ambit/enroll.d/a.yaml"
        let again = try EnrolmentRecord(stored: try made.json())
        #expect(again == made && again.dnsPort == 16004)
        let text = String(decoding: try made.json(), as: UTF8.self)
        let wrong = text.split(separator: "16003").joined(separator: "16002")
        #expect(throws: EnrolmentError.self) { try EnrolmentRecord(stored: Array(wrong.utf8)) }
    }

    @Test func aSliceLiesInItsOuterSlices() throws {
        #expect(try SliceTarget("a-b-c").path.description == "a.slice/a-b.slice/a-b-c.slice")
    }

    @Test func namespaceAndAccountHaveDefaults() throws {
        let made = try record(#"{"kind":"netns","target":"/proc/7/ns/net","name":"web"}"#)
        #expect(made.namespace == "default" && made.serviceAccount == "default")
        let target = try NamespaceTarget(made.target.text)
        #expect(target.name == nil && target.resolverFiles == ["/etc/resolv.conf"])
    }

    @Test(arguments: [
        ("{", "cannot be read"),
        (#"{"kind":"netns","unknown":1}"#, "unknown"),
        (#"{"kind":"pod","target":"a","name":"a"}"#, "the kind of the enrolment is 'pod'"),
        (#"{"kind":"netns","target":"","name":"a"}"#, "'' names no network namespace"),
        (#"{"kind":"netns","target":"../x","name":"a"}"#, "'../x' names no network namespace"),
        (#"{"kind":"netns","target":"a","name":"A_b"}"#, "name is 'A_b'"),
        (#"{"kind":"netns","target":"a","name":"a","namespace":"x/y"}"#, "namespace is 'x/y'"),
        (#"{"kind":"netns","target":"a","name":"a","serviceAccount":"-"}"#, "serviceAccount is '-'"),
        (#"{"kind":"netns","target":"a","name":"a","ports":{"http":0}}"#, "the port 'http' has the number 0"),
        (#"{"kind":"netns","target":"a","name":"a","ports":{"http":70000}}"#, "the port 'http' has the number 70000"),
        (#"{"kind":"netns","target":"a","name":"a","ports":{"http":15008}}"#, "which ztunnel itself uses"),
        (#"{"kind":"unit","target":"web","name":"a","ports":{"http":16001}}"#, "which ztunnel itself uses"),
        (#"{"kind":"pid","target":"12","name":""}"#, "the enrolment has no name"),
        (#"{"kind":"pid","target":"1","name":"a"}"#, "'1' is the number of no process"),
        (#"{"kind":"unit","target":"a.socket","name":"a"}"#, "'a.socket' is not a service"),
        (#"{"kind":"unit","target":"a@.service","name":"a"}"#, "'a@.service' names no service"),
        (#"{"kind":"unit","target":"../a","name":"a"}"#, "'../a' names no service"),
        (#"{"kind":"slice","target":"-.slice","name":"a"}"#, "'-.slice' names no slice"),
        (#"{"kind":"slice","target":"a-b-c-d-e-f-g","name":"a"}"#, "is 7 slices deep"),
        (#"{"kind":"user","target":"-x","name":"a"}"#, "'-x' names no user"),
        (#"{"kind":"container","target":"lxc:web","name":"a"}"#, "'lxc:web' names no container"),
        (#"{"kind":"container","target":"--privileged","name":"a"}"#, "'--privileged' names no container"),
        (#"{"kind":"unit","target":"web","name":"a","outboundPort":16001}"#, "a field that ztunnel itself writes"),
    ])
    func wrongRequestsAreRefusedWithARemedy(json: String, problem: String) {
        let error = #expect(throws: EnrolmentError.self) { try record(json) }
        #expect(error?.code == .invalid)
        #expect(error?.problem.contains(problem) == true, "\(error?.problem ?? "")")
        #expect(error?.remedy.isEmpty == false)
    }
}
