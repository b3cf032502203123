import HTTPWire
import Testing

@Suite struct HBONETests {
    @Test(
        "authority: the three forms",
        arguments: [
            ("10.0.0.1:80", "10.0.0.1", 80, true), ("[2001:db8::1]:443", "2001:db8::1", 443, true),
            ("[::]:1", "::", 1, true), ("[::ffff:10.0.0.1]:65535", "::ffff:10.0.0.1", 65_535, true),
            ("web.shop.svc.cluster.local:8080", "web.shop.svc.cluster.local", 8_080, false), ("a_b:1", "a_b", 1, false),
            ("1.2.3:1", "1.2.3", 1, false),
        ] as [(String, String, UInt16, Bool)])
    func authority(_ text: String, _ host: String, _ port: UInt16, _ isIP: Bool) throws {
        let authority = try HBONEAuthority(parsing: text)
        #expect(authority == HBONEAuthority(host: host, port: port, isIPLiteral: isIP))
        #expect(authority.description == text)
    }

    @Test(
        "authority: refused",
        arguments: [
            "", ":", ":80", "host", "host:", "host:0", "host:65536", "host:+1", "host:1a", "host:000080", "[::1]",
            "[::1",
            "[]:80", "[1.2.3.4]:80", "[:::]:80", "[1:2:3:4:5:6:7]:80", "[1:2:3:4:5:6:7:8:9]:80", "[1::2::3]:80",
            "[12345::]:80", "[g::]:80", "::1:80", "a b:80", "a/b:80", "u@h:80", "h\n:80", "[fe80::1%eth0]:80",
            "[1:]:80", "[:1]:80",
        ])
    func badAuthority(_ text: String) {
        #expect(throws: HBONEAuthority.Problem.self) { try HBONEAuthority(parsing: text) }
    }

    @Test("authority: a name may have 253 characters")
    func longName() throws {
        let name = String(repeating: "a", count: HBONEAuthority.longestHost)
        #expect(try HBONEAuthority(parsing: name + ":1").host == name)
        #expect(throws: HBONEAuthority.Problem.host) { try HBONEAuthority(parsing: name + "a:1") }
    }

    @Test("baggage: Istio's order, empty values left out")
    func baggage() {
        var baggage = Baggage()
        baggage.cluster = "Kubernetes"
        baggage.namespace = "shop"
        baggage.workloadName = "web"
        baggage.workloadType = .pod
        baggage.serviceName = "web"
        baggage.serviceVersion = "v1"
        baggage.region = "r"
        baggage.zone = "z"
        let text =
            "k8s.cluster.name=Kubernetes,k8s.namespace.name=shop,k8s.pod.name=web,service.name=web,service.version=v1,"
            + "cloud.region=r,cloud.availability_zone=z"
        #expect(baggage.value == text)
        #expect(Baggage(parsing: [text]) == baggage)
        baggage.region = ""
        baggage.cluster = ""
        #expect(!baggage.value.contains("cloud.region") && baggage.value.hasPrefix("k8s.namespace.name"))
        #expect(Baggage().value == "")
    }

    @Test("baggage: several lines merge, the unknown is ignored, what breaks the list is coded")
    func tolerantBaggage() {
        let baggage = Baggage(parsing: [
            " k8s.namespace.name = a ;p=1, x=y,,=,service.name=,k8s.job.name=j", "k8s.namespace.name=b,service.version",
        ])
        #expect(baggage.namespace == "b")
        #expect(baggage.workloadName == "j" && baggage.workloadType == .job)
        #expect(baggage.serviceName == "" && baggage.serviceVersion == "")
        var odd = Baggage()
        odd.serviceName = "a,b=c;d e%"
        #expect(odd.value == "service.name=a%2Cb=c%3Bd%20e%25")
        #expect(Baggage(parsing: [odd.value]) == odd)
        var fields = HTTPFieldBlock()
        #expect(Baggage(fields) == nil)
        fields.append(name: "baggage", value: "service.name=x")
        #expect(Baggage(fields)?.serviceName == "x")
    }

    @Test("forwarded")
    func forwarded() {
        let value = #"for="10.0.0.1:4000";host=web.shop.svc"#
        #expect(Forwarded(source: "10.0.0.1:4000", host: "web.shop.svc").value == value)
        #expect(Forwarded(parsing: value) == Forwarded(source: "10.0.0.1:4000", host: "web.shop.svc"))
        #expect(Forwarded(source: "[::1]:5", host: nil).value == #"for="[::1]:5""#)
        #expect(
            Forwarded(parsing: #"proto=http; Host="a.b" ;for="x\"y", for=second"#)
                == Forwarded(source: #"x"y"#, host: "a.b"))
        #expect(Forwarded(parsing: "host=é") == nil)
        #expect(Forwarded(parsing: "") == nil)
        #expect(Forwarded(parsing: "by=x") == nil)
        #expect(Forwarded(parsing: #"for="unended"#)?.source == "unended")
    }

    @Test("traceparent")
    func traceParent() {
        var random = SplitMix64(state: 1)
        let made = TraceParent(random: &random)
        #expect(
            made.description.utf8.count == 55 && made.description.hasPrefix("00-") && made.description.hasSuffix("-00"))
        #expect(TraceParent(parsing: made.description) == made)
        let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        #expect(TraceParent(parsing: text)?.description == text)
        #expect(TraceParent(parsing: text)?.traceID == "4bf92f3577b34da6a3ce929d0e0e4736")
    }

    @Test(
        "traceparent: refused",
        arguments: [
            "", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g",
        ])
    func badTraceParent(_ text: String) {
        #expect(TraceParent(parsing: text) == nil)
    }

    @Test("field blocks: lookup, equality, what a person sees")
    func fieldBlock() {
        var block = HTTPFieldBlock.connect(authority: "a:1")
        block.append(name: "X-A", value: "1")
        block.append(name: "x-a", value: "2")
        block.append(name: "token", value: "t", sensitive: true)
        #expect(block.count == 5 && block.isConnect)
        #expect(block.all("x-a") == ["1", "2"] && block.first("x-a") == "1" && block.first("b") == nil)
        #expect(block.listSize == 7 + 7 + 10 + 3 + 4 + 4 + 5 + 1 + 5 * 32)
        #expect(block.description.hasSuffix("token: (sensitive)"))
        #expect(block != HTTPFieldBlock.connect(authority: "a:1"))
        #expect(HTTPFieldBlock.response(status: 200).status == 200)
        #expect(block.status == nil && block.path == nil && block.authority == "a:1")
    }

    @Test("monotonic time saturates")
    func time() {
        let time = MonotonicTime(nanoseconds: 5)
        #expect(time + .nanoseconds(3) == MonotonicTime(nanoseconds: 8))
        #expect(time + .seconds(-1) == time)
        #expect(time + .seconds(Int64.max) == MonotonicTime(nanoseconds: .max))
        #expect(MonotonicTime(nanoseconds: 8) - time == .nanoseconds(3))
        #expect(time - MonotonicTime(nanoseconds: 8) == .zero)
    }
}
