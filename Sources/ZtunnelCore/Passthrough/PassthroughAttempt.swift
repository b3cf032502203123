import LinuxSystem
import MeshModel
package import MeshRuntime
package import NodeCore

/// One captured plaintext connection to a workload (15006), from accept to its relay.
///
/// There is no identity, so a policy that asks for one denies it; that is how STRICT is expressed (Z 4.3). A denied client
/// is reset, because there is no status to answer with. Confined to its worker's loop.
package final class PassthroughAttempt {
    private let server: WorkloadServer
    private let client: TCPConnection
    private let connection: ProxiedConnection
    /// Whether the labels say who is who; before that, a failure is an early denial.
    private var isNamed = false
    private var isOver = false

    /// An attempt for `client`, which `connection` describes.
    package init(server: WorkloadServer, client: TCPConnection, connection: ProxiedConnection) {
        self.server = server
        self.client = client
        self.connection = connection
    }

    /// Starts. The connection must be in the table, with this as its activity.
    package func begin() {
        client.onPeerReset { [weak self] in self?.clientLeft() }
        admit()
    }

    /// Resets the client and writes the line.
    package func fail(_ failure: ConnectionFailure) {
        guard !isOver else { return }
        isOver = true
        client.reset()
        guard isNamed else { return server.worker.deny(connection, failure) }
        server.worker.finish(connection, fromFirst: 0, fromSecond: 0, failure: failure)
    }

    private func clientLeft() {
        guard !isOver else { return }
        isOver = true
        client.close()
        server.worker.finish(connection, fromFirst: 0, fromSecond: 0, failure: nil)
    }

    private func admit() {
        guard !isOver else { return }
        guard let record = server.currentRecord() else {
            let waits = server.room.wait { [self] timedOut in
                if timedOut, server.currentRecord() == nil { fail(.unknownLocalWorkload) } else { admit() }
            }
            if !waits {
                server.worker.rejected(.waitingConnections)
                fail(.limit(.waitingConnections))
            }
            return
        }
        connection.labels = server.worker.inboundLabels(
            record: record, source: connection.source,
            service: firstService(of: record, port: connection.destination.port, in: server.worker.snapshot), peer: nil,
            headers: nil)
        isNamed = true
        if let failure = server.worker.admit(connection, record) { return fail(failure) }
        connect()
    }

    private func connect() {
        let destination = connection.destination
        let source = server.spoofedSource(connection.source, for: destination)
        server.connect(toApplication: destination, from: source) { [self] result in
            switch result {
            case .failure(let failure):
                fail(failure)
            case .success(let upstream):
                guard !isOver else { return upstream.reset() }
                isOver = true
                let worker = server.worker
                worker.relay(connection, Relay.start(upstream, client, onEnd: worker.relayEnd(connection)))
            }
        }
    }
}
