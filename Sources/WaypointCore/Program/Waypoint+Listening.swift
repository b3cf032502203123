import LinuxSystem
import MeshRuntime
import NodeCore

/// Where tunnels come to, and who takes them.
extension Waypoint {
    /// The socket that tunnels come to; of several ports the one that an earlier process had, else the first that is free.
    func listen() throws -> Descriptor {
        let inode = NetworkNamespace.own?.inode ?? 0
        let ports = candidates(inode)
        for port in ports {
            let address: SocketAddress = configuration.ipv6 ? .any6(port: port) : .any4(port: port)
            do throws(Errno) {
                let socket = try sockets.socket(.ip(namespace: inode, .tcp, address)) { () throws(Errno) in
                    try Socket.listen(on: address) { raw throws(Errno) in
                        if !address.isIPv4 { try Socket.setV6Only(raw, false) }
                    }
                }
                lease = socket.lease
                self.port = port
                return socket.takeDescriptor()
            } catch .addressInUse where port != ports.last {
                continue
            } catch {
                throw StartFailure(
                    "cannot listen on port \(port): \(error); free it, or set AMBIT_HBONE_PORT to another one, or to auto"
                )
            }
        }
        throw StartFailure("there is no port to listen on")
    }

    private func candidates(_ namespace: UInt64) -> [UInt16] {
        switch configuration.port {
        case .fixed(let port): return [port]
        case .automatic:
            let range = WaypointConfiguration.ListeningPort.automaticRange
            let inherited = sockets.unclaimed.compactMap { name -> UInt16? in
                guard case .ip(namespace, .tcp, let address) = name, range.contains(address.port) else { return nil }
                return address.port
            }
            return inherited + range.filter { !inherited.contains($0) }
        }
    }

    /// How each worker is told of a change of a gateway's ports.
    var doorChanges: [GatewaySockets.Change] {
        zip(workers, threads).map { worker, thread in
            { change in thread.loop.submitAlways { change(worker.value.doors) } }
        }
    }

    /// Starts the threads that take tunnels from `socket`.
    func startWorkers(_ socket: consuming Descriptor) throws {
        for number in 0..<configuration.workers {
            let own = try EventLoop(name: "worker-\(number)")
            let worker = WaypointWorker(
                loop: own, configuration: configuration, state: state, routes: routes, logger: logger,
                seed: try SystemRandom.bytes(8).reduce(0) { $0 << 8 | UInt64($1) })
            try worker.listen(try socket.duplicate())
            workers.append(LoopBound(worker))
            threads.append(try LoopThread(running: own))
        }
    }
}
