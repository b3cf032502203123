/// The use of one stored socket. When the last lease of a name is gone, the socket is closed and taken out of systemd's
/// store. Thread: any.
package final class SocketLease: Sendable {
    private let store: SocketStore
    private let name: SocketName

    init(_ name: SocketName, in store: SocketStore) {
        self.name = name
        self.store = store
    }

    deinit {
        store.release(name)
    }
}
