import LinuxSystem

extension SocketName {
    /// Whether `socket` is what the name says. A name is only a hint: a socket is used because of what it is.
    package func describes(_ socket: CInt) -> Bool {
        switch self {
        case .unix: return Socket.isListening(socket)
        case .ip(let namespace, let transport, let address):
            let isKind = transport == .tcp ? Socket.isListening(socket) : Socket.isDatagram(socket)
            guard isKind, Self.isMade(socket, in: namespace) else { return false }
            return (try? Socket.localAddress(socket)) == address
        }
    }

    private static func isMade(_ socket: CInt, in namespace: UInt64) -> Bool {
        do throws(Errno) {
            return try Socket.networkNamespace(socket).inode == namespace
        } catch .notPermitted {
            // Which namespace it is only CAP_NET_ADMIN may ask; whether it is its own, every process can tell.
            return NetworkNamespace.own?.inode == namespace && ((try? Socket.isOfOwnNamespace(socket)) ?? false)
        } catch {
            return false
        }
    }
}
