import HTTPWire
import LinuxSystem
import MeshModel
import MeshRuntime
import NodeCore
import Synchronization
import TLSEngine
import Testing
import ZtunnelCore

/// An HBONE client without a ztunnel: it says in the tunnel whatever a test wants.
final class RawTunnel: Sendable {
    struct Failure: Error {
        let reason: String
    }

    private final class Holder {
        var tunnel: Tunnel?
    }

    private let thread: LoopThread
    private let holder: LoopBound<Holder>

    init(
        namespace: NetworkNamespace, to host: String, material: TLSIdentityMaterial, expecting: SPIFFEIdentity,
        serverName: String? = nil
    ) throws {
        let context = try TLSContext(role: .client, material: material, verification: .identities([]))
        let thread = try LoopThread(name: "raw")
        let holder = LoopBound(Holder())
        self.thread = thread
        self.holder = holder
        let address = SocketAddress(try #require(IPAddress(host)), port: 15008)
        let outcome = Mutex<Result<Void, Failure>?>(nil)
        _ = thread.loop.submit {
            do {
                let socket = try WorkloadSockets(namespace: namespace, mark: nil).connecting(to: address)
                Tunnel.dial(
                    loop: thread.loop, socket: socket, to: address, tls: context, serverName: serverName,
                    expectedIdentities: [expecting.uri], configuration: HTTP2Configuration(), timeout: .seconds(5)
                ) { result in
                    holder.value.tunnel = try? result.get()
                    outcome.withLock { $0 = result.map { _ in }.mapError { Failure(reason: "\($0)") } }
                }
            } catch {
                outcome.withLock { $0 = .failure(Failure(reason: "\(error)")) }
            }
        }
        _ = Eventually.holds { outcome.withLock { $0 != nil } }
        try (outcome.withLock(\.self) ?? .failure(Failure(reason: "no outcome"))).get()
    }

    deinit {
        let holder = self.holder
        let thread = self.thread
        _ = thread.loop.submit { holder.value.tunnel?.close(.noError) }
        thread.stopAndJoin()
    }

    /// Sends a request and returns the status of its answer.
    func request(_ fields: HTTPFieldBlock) throws -> Int {
        let outcome = Mutex<Result<Int, Failure>?>(nil)
        let holder = self.holder
        _ = thread.loop.submit {
            let stream = holder.value.tunnel?.open(
                fields,
                onResponse: { stream, response, _ in
                    outcome.withLock { $0 = .success(response.status ?? 0) }
                    stream.reset(.cancel)
                },
                onEnd: { _, end in
                    outcome.withLock { $0 = $0 ?? .failure(Failure(reason: "\(end)")) }
                })
            if stream == nil { outcome.withLock { $0 = .failure(Failure(reason: "no stream")) } }
        }
        _ = Eventually.holds { outcome.withLock { $0 != nil } }
        return try (outcome.withLock(\.self) ?? .failure(Failure(reason: "no answer"))).get()
    }
}
