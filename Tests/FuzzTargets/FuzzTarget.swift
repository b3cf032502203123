/// Every fuzz entry by the name of its corpus folder in Tests/Fuzz/Corpus.
package enum FuzzTarget {
    /// The entries. `make fuzz FUZZ=<name>` runs one; ordinary tests replay the corpora.
    package static let all: [String: @Sendable (UnsafeRawBufferPointer) -> Void] = [
        "frames": { HTTPWireFuzz.frames($0) },
        "hpack": { HTTPWireFuzz.hpack($0) },
        "connectHeaders": { HTTPWireFuzz.connectHeaders($0) },
        "http1-server": { HTTPWireFuzz.http1Server($0) },
        "http1-client": { HTTPWireFuzz.http1Client($0) },
        "grpc": { HTTPWireFuzz.grpc($0) },
        "clientHello": { TLSFuzz.clientHello($0) },
        "netlink": { NetlinkFuzz.read(Array($0)) },
        "address": { ModelFuzz.address($0) },
        "authorization": { ModelFuzz.authorization($0) },
        "dns": { ModelFuzz.dns($0) },
        "identity": { ModelFuzz.identity($0) },
        "route": { RouteFuzz.decide($0) },
        "zds": { ZDSFuzz.packets(Array($0)) },
        "json": { DocumentFuzz.json($0) },
        "enrolment": { EnrolmentFuzz.file($0) },
    ]
}
