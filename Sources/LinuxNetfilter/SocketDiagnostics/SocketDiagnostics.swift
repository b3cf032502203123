/// What sockets there are in the network namespace of the calling thread (sock_diag(7)).
///
/// Owns a netlink socket; lives on one thread, never a data-plane worker: a dump of many sockets takes milliseconds.
package struct SocketDiagnostics: ~Copyable {
    private var socket: NetlinkSocket

    /// Opens the socket diagnostics of the calling thread's network namespace.
    package init() throws(NetfilterError) {
        socket = try NetlinkSocket(.socketDiagnostics)
    }

    /// All listening TCP sockets of both families.
    package mutating func listeners() throws(NetfilterError) -> [ListeningSocket] {
        var found: [ListeningSocket] = []
        for family in AddressFamily.allCases {
            found += try socket.dump(NetlinkConstants.diagnoseSockets, as: "list the listening sockets") { request in
                // struct inet_diag_req_v2: family, protocol, extensions, padding, states, and a socket id of zeros.
                request.fixed(family.rawValue, NetlinkConstants.protocolTCP, 0, 0)
                request.fixed(word: 1 << UInt32(NetlinkConstants.stateListen))
                for _ in 0..<12 { request.fixed(word: 0) }
            }.compactMap(ListeningSocket.init(message:))
        }
        return found
    }
}
