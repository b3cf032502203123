import HTTPWire
import LinuxSystem
import TLSEngine
import Testing

@testable import MeshRuntime

/// Section 5: 3 KB an idle tunnelled connection for both ends; here the objects that this module adds at one end.
@Suite struct FootprintTests {
    @Test func objectsOfAnIdleConnectionAreSmall() throws {
        try onLoop { loop, done in
            let mesh = try TestMesh(loop)
            mesh.onUpstream = { _ = $0.release() }
            let application = try mesh.application().release()
            when(loop, { mesh.relays.count == 2 }) {
                guard let relay = mesh.relays.first as? StreamRelay else { return }
                let objects: [AnyObject] = [relay, relay.ends.tcp, relay.ends.stream]
                let bytes = objects.map(Memory.allocationSize).reduce(0, +)
                #expect(bytes <= 600, "\(objects.map(Memory.allocationSize))")
                // Nothing is held for data while there is none.
                #expect(loop.buffers.chunks.bytesInUse == 0)
                #expect(loop.buffers.ciphertext.bytesInUse == 0)
                #expect(mesh.clients[0].pendingBytes == 0 && mesh.clients[0].record == nil)
                _ = Descriptor(taking: application)
                done()
            }
        }
    }

    /// 4,000 idle connections over 40 tunnels, then all closed: nothing of them stays with the loop.
    @Test func manyIdleStreamsComeAndGo() throws {
        _ = try DescriptorLimit.raise()
        try onLoop(seconds: 120) { loop, done in
            let mesh = try TestMesh(loop)
            var upstreams: [CInt] = []
            mesh.onUpstream = { upstreams.append($0.release()) }
            let total = 4000
            var applications: [CInt] = []
            func open() throws {
                for _ in 0..<50 where applications.count < total {
                    applications.append(try mesh.application().release())
                }
                guard applications.count == total else {
                    when(loop, { mesh.relays.count >= 2 * applications.count }) { try? open() }
                    return
                }
                when(loop, { mesh.relays.count == 2 * total }) {
                    #expect(mesh.clients.count == total / mesh.streamsPerTunnel)
                    #expect(mesh.clients.allSatisfy { $0.activeStreams == 100 })
                    for number in applications + upstreams { _ = Descriptor(taking: number) }
                    when(loop, { mesh.entryReports.count == total && mesh.exitReports.count == total }) {
                        #expect(mesh.entryReports.allSatisfy { $0.outcome == .closed })
                        #expect(mesh.clients.allSatisfy { $0.activeStreams == 0 && $0.streams.isEmpty })
                        // The listeners and both ends of the tunnels.
                        #expect(loop.sourceCount == 3 + 2 * mesh.clients.count)
                        done()
                    }
                }
            }
            try open()
        }
    }
}
