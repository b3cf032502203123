import CMnl
import Glibc

/// A netlink socket in the network namespace of the calling thread: of rtnetlink, or of the socket diagnostics.
///
/// Owns an `mnl_socket`. Lives on one thread, which may block: the kernel answers at once, and a receive timeout of
/// `answerTimeout` bounds the wait. Replies are matched to the request by their sequence number.
@safe struct NetlinkSocket: ~Copyable {
    /// How long one answer of the kernel may take.
    static let answerTimeout: Duration = .seconds(5)
    /// The largest datagram that a dump may send; the kernel uses at most 32 KiB.
    static let datagramLimit = 32768
    /// How often a dump is repeated that changed while it was read.
    static let dumpRepeats = 5
    /// Records that one dump may hold.
    static let recordLimit = 65536

    /// Which part of the kernel answers.
    enum Family: CInt {
        /// NETLINK_ROUTE
        case route = 0
        /// NETLINK_SOCK_DIAG
        case socketDiagnostics = 4

        var name: String {
            switch self {
            case .route: "route"
            case .socketDiagnostics: "socket diagnostics"
            }
        }
    }

    // Sound: closed once, in deinit, by the only owner.
    private let socket: OpaquePointer
    private var sequence: UInt32 = 0

    /// Opens the socket in the calling thread's network namespace, bound to a port number of the kernel's choice.
    init(_ family: Family = .route) throws(NetfilterError) {
        unsafe socket = try Self.open(family)
    }

    deinit {
        _ = unsafe mnl_socket_close(socket)
    }

    /// Sends one request that changes something and waits for its acknowledgement.
    mutating func change(
        _ type: UInt16, flags: UInt16, as operation: String, _ fill: (inout NetlinkRequest) -> Void
    ) throws(NetfilterError) {
        sequence &+= 1
        var request = NetlinkRequest(type: type, flags: flags | NetlinkConstants.acknowledge, sequence: sequence)
        fill(&request)
        try send(request, as: operation)
        while true {
            var reader = NetlinkReader(try receive(as: operation), sequence: sequence)
            while let message = reader.next() {
                switch message {
                case .result(number: 0, text: _): return
                case .result(let number, let text): throw .system(operation, number, text)
                case .malformed: throw NetfilterError(operation: operation, reason: "the kernel's answer is malformed")
                case .record, .done: continue
                }
            }
        }
    }

    /// Asks for all records of one kind; repeats when the table changed while it was read.
    mutating func dump(
        _ type: UInt16, as operation: String, _ fill: (inout NetlinkRequest) -> Void
    ) throws(NetfilterError) -> [[UInt8]] {
        for _ in 0..<Self.dumpRepeats {
            if let records = try dumpOnce(type, as: operation, fill) { return records }
        }
        throw NetfilterError(operation: operation, reason: "the table kept changing while it was read")
    }

    private mutating func dumpOnce(
        _ type: UInt16, as operation: String, _ fill: (inout NetlinkRequest) -> Void
    ) throws(NetfilterError) -> [[UInt8]]? {
        sequence &+= 1
        var request = NetlinkRequest(type: type, flags: NetlinkConstants.dump, sequence: sequence)
        fill(&request)
        try send(request, as: operation)
        var records: [[UInt8]] = []
        var changed = false
        while true {
            var reader = NetlinkReader(try receive(as: operation), sequence: sequence)
            while let message = reader.next() {
                switch message {
                case .record(type: _, let content, let interrupted):
                    changed = changed || interrupted
                    guard records.count < Self.recordLimit else {
                        throw NetfilterError(operation: operation, reason: "more than \(Self.recordLimit) records")
                    }
                    records.append(content)
                case .done(number: 0, text: _): return changed ? nil : records
                case .done(let number, let text), .result(let number, let text):
                    guard number != 0 else { continue }
                    throw .system(operation, number, text)
                case .malformed: throw NetfilterError(operation: operation, reason: "the kernel's answer is malformed")
                }
            }
        }
    }

    private static func open(_ family: Family) throws(NetfilterError) -> OpaquePointer {
        guard let socket = unsafe mnl_socket_open2(family.rawValue, CInt(SOCK_CLOEXEC.rawValue)) else {
            throw .system("open a \(family.name) netlink socket", errno)
        }
        guard unsafe mnl_socket_bind(socket, 0, 0) == 0 else {
            let number = errno
            _ = unsafe mnl_socket_close(socket)
            throw .system("bind a \(family.name) netlink socket", number)
        }
        // Without these two options the kernel only gives a number; the operations work all the same.
        var one: CInt = 1
        _ = unsafe mnl_socket_setsockopt(socket, NETLINK_EXT_ACK, &one, socklen_t(MemoryLayout<CInt>.size))
        var wait = timeval(tv_sec: Int(answerTimeout.components.seconds), tv_usec: 0)
        _ = unsafe setsockopt(
            mnl_socket_get_fd(socket), SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        return unsafe socket
    }

    private func send(_ request: NetlinkRequest, as operation: String) throws(NetfilterError) {
        let sent = unsafe request.bytes.withUnsafeBytes { unsafe mnl_socket_sendto(socket, $0.baseAddress, $0.count) }
        guard sent == request.bytes.count else { throw .system(operation, errno) }
    }

    private func receive(as operation: String) throws(NetfilterError) -> [UInt8] {
        var number: CInt = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: Self.datagramLimit) { buffer, count in
            var received: Int
            repeat {
                received = unsafe mnl_socket_recvfrom(socket, buffer.baseAddress, buffer.count)
            } while received < 0 && errno == EINTR
            number = received < 0 ? errno : 0
            count = max(0, received)
        }
        guard number == 0, !bytes.isEmpty else {
            throw number == EAGAIN
                ? NetfilterError(operation: operation, reason: "the kernel did not answer", number: number)
                : .system(operation, number)
        }
        return bytes
    }
}

extension NetfilterError {
    /// The error that the kernel's `number` stands for, with the kernel's own words when it gave any.
    static func system(_ operation: String, _ number: Int32, _ text: String = "") -> Self {
        let name = unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
        return Self(operation: operation, reason: text.isEmpty ? name : "\(text) (\(name))", number: number)
    }
}
