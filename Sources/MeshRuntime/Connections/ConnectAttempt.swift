import LinuxSystem

/// A connect that is under way: waits for the kernel's verdict or the timeout, whichever is first. Confined to its loop.
package final class ConnectAttempt: TCPConsumer {
    private var connection: TCPConnection?
    private var completion: ((Result<TCPConnection, ConnectFailure>) -> Void)?
    private var timer: TimerID?
    private let timeout: Duration
    private var failure: Errno?

    init(
        _ connection: TCPConnection, _ timeout: Duration,
        _ completion: @escaping (Result<TCPConnection, ConnectFailure>) -> Void
    ) {
        self.connection = connection
        self.timeout = timeout
        self.completion = completion
    }

    /// Gives up; `completion` gets `.cancelled` at once, unless it was called before.
    package func cancel() {
        finish(.cancelled)
    }

    func start() {
        guard let connection else { return }
        connection.attach(self)
        connection.flags = []
        do throws(Errno) {
            if try Socket.connect(connection.raw, to: connection.peer) {
                connection.flags = [.writable]
                connection.loop.continueNextTurn(connection)
            }
        } catch {
            failure = error
            connection.loop.continueNextTurn(connection)
            return
        }
        connection.loop.watch(connection)
        timer = connection.loop.schedule(after: timeout) { [self] in
            timer = nil
            finish(.timedOut(timeout))
        }
    }

    override func connectionReady(_ connection: TCPConnection) {
        if let failure { return finish(.system(failure)) }
        if connection.flags.contains(.broken) { return finish(.system(connection.takeError())) }
        guard connection.flags.contains(.writable), let completion else { return }
        release()
        completion(.success(connection))
    }

    override func connectionResumed(_ connection: TCPConnection) {
        connectionReady(connection)
    }

    private func finish(_ reason: ConnectFailure.Reason) {
        guard let connection, let completion else { return }
        release()
        let failure = ConnectFailure(address: connection.peer, reason: reason)
        connection.close()
        completion(.failure(failure))
    }

    private func release() {
        if let timer { connection?.loop.cancel(timer) }
        timer = nil
        connection?.consumer = nil
        connection = nil
        completion = nil
    }
}
