// Both ends of a tunnel in one process and one loop, for measuring the runtime without the rest of ztunnel:
//   RuntimeBench CERTIFICATES LISTEN-PORT UPSTREAM-PORT
// CERTIFICATES holds leaf.crt, leaf.key (spiffe://cluster.local/ns/test/sa/bench) and root.crt. Whoever connects to LISTEN-PORT on the
// loopback address reaches UPSTREAM-PORT through: accept, CONNECT stream in a TLS tunnel, accept, connect.
// With the word "direct" as the fourth argument the tunnel is left out (TCP to TCP); with "memory" the heap is shown once a second; with
// "unaccounted" windows are as large as they may be from the start, and not taken from an account.
import Glibc
import HTTPWire
import LinuxSystem
import MeshRuntime
import TLSEngine

func text(_ path: String) -> String {
    guard let file = fopen(path, "r") else {
        print("cannot read \(path)")
        exit(2)
    }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 65536)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes[..<count], as: UTF8.self)
}

let arguments = CommandLine.arguments
guard arguments.count >= 4, let listenPort = UInt16(arguments[2]), let upstreamPort = UInt16(arguments[3]) else {
    print("usage: RuntimeBench CERTIFICATES LISTEN-PORT UPSTREAM-PORT [direct|memory|unaccounted]")
    exit(2)
}
let identity = "spiffe://cluster.local/ns/test/sa/bench"
let material = TLSIdentityMaterial(
    certificateChainPEM: text(arguments[1] + "/leaf.crt"), privateKeyPEM: text(arguments[1] + "/leaf.key"),
    rootsPEM: text(arguments[1] + "/root.crt"))

do {
    _ = try DescriptorLimit.raise()
    let loop = try EventLoop(name: "bench")
    // As a worker of two has it by default.
    if arguments.last != "unaccounted" { loop.memory = HeldMemory(limit: 256 << 20) }
    let bench = Bench(
        loop: loop, upstream: .loopback4(port: upstreamPort),
        client: try TLSContext(role: .client, material: material, verification: .identities([identity])),
        server: try TLSContext(role: .server, material: material, verification: .trustDomain("cluster.local")))
    try bench.start(listenPort: listenPort, direct: arguments.last == "direct")
    if arguments.last == "memory" { bench.watchMemory() }
    print("ready")
    fflush(nil)
    loop.run()
} catch {
    print("failed: \(error)")
    exit(1)
}
