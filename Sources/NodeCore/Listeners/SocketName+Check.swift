import LinuxSystem

extension SocketName {
    /// Whether `socket` is what the name says. A name is only a hint: a socket is used because of what it is.
    package func describes(_ socket: CInt) -> Bool {
        switch self {
        case .unix: return Socket.isListening(socket)
        case .ip(let namespace, let transport, let address):
            let isKind = transport == .tcp ? Socket.isListening(socket) : Socket.isDatagram(socket)
            guard isKind, let made = try? Socket.networkNamespace(socket), made.inode == namespace else { return false }
            return (try? Socket.localAddress(socket)) == address
        }
    }
}
