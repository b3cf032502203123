import CNftables
import Glibc
import Synchronization

/// One libnftables session in the network namespace of the calling thread.
///
/// Owns an `nft_ctx`, whose netlink socket belongs to the namespace in which the session was made. It lives on one
/// thread, and that is never a data-plane worker: a transaction takes milliseconds. libnftables keeps process-wide
/// tables (interface names, scanner state), so sessions of several threads take turns.
@safe package struct Nftables: ~Copyable {
    /// Longest command text that is accepted; the capture rules are under 8 KiB.
    package static let maximumCommandLength = 1 << 20

    /// libnftables waits with select(2), which ends the program on a descriptor from 1,024 on (FD_SETSIZE). A few below are left
    /// for what other threads open meanwhile.
    static let highestDescriptor: CInt = 1_000

    private static let turn = Mutex(())
    // Sound: freed once, in deinit, by the only owner.
    private let context: OpaquePointer

    /// Opens a session in the calling thread's network namespace.
    package init() throws(NetfilterError) {
        unsafe context = try Self.open()
    }

    deinit {
        Self.turn.withLock { _ in unsafe nft_ctx_free(context) }
    }

    /// Runs `commands` (nft language, one or many lines, or a JSON object) as ONE transaction: all or nothing.
    ///
    /// Returns what `list` commands printed. The text may hold many commands; the kernel applies them together.
    @discardableResult
    package func run(_ commands: String, as operation: String) throws(NetfilterError) -> String {
        guard commands.utf8.count <= Self.maximumCommandLength, !commands.utf8.contains(0) else {
            throw NetfilterError(
                operation: operation, reason: "the command text is over \(Self.maximumCommandLength) bytes or holds NUL"
            )
        }
        let (result, output, problem) = Self.turn.withLock { _ in
            let result = unsafe commands.withCString { unsafe nft_run_cmd_from_buffer(context, $0) }
            return unsafe (
                result, Self.text(nft_ctx_get_output_buffer(context)), Self.text(nft_ctx_get_error_buffer(context))
            )
        }
        guard result == 0 else {
            throw NetfilterError(operation: operation, reason: problem.isEmpty ? "nft gave no reason" : problem)
        }
        return output
    }

    /// The whole ruleset of the namespace, as `nft list ruleset` prints it.
    package func ruleset() throws(NetfilterError) -> String {
        try run("list ruleset", as: "list the nftables ruleset")
    }

    /// The names of the tables of family `inet`.
    package func tables() throws(NetfilterError) -> [String] {
        let listing = try run("list tables inet", as: "list the nftables tables")
        return listing.split(separator: "\n").compactMap { line in
            line.split(separator: " ").last.map(String.init)
        }
    }

    private static func open() throws(NetfilterError) -> OpaquePointer {
        let operation = "open nftables"
        let next = lowestFreeDescriptor()
        guard next <= highestDescriptor else {
            throw NetfilterError(
                operation: operation,
                reason: "libnftables needs a descriptor below 1024 and the next free one is \(next); "
                    + "try again with fewer connections open")
        }
        // Sound: the pointer is nil or a context that nobody else knows.
        let made = turn.withLock { _ in unsafe Unowned(nft_ctx_new(UInt32(NFT_CTX_DEFAULT))) }
        guard let context = unsafe made.pointer else {
            throw NetfilterError(operation: operation, reason: "libnftables gave no context (out of memory?)")
        }
        // Errors and listings go to buffers of the context; nothing is written to our stdout or stderr.
        guard unsafe nft_ctx_buffer_output(context) == 0, unsafe nft_ctx_buffer_error(context) == 0 else {
            unsafe nft_ctx_free(context)
            throw NetfilterError(operation: operation, reason: "no memory for its output")
        }
        return unsafe context
    }

    /// The number that the next descriptor gets; -1 where there is none.
    private static func lowestFreeDescriptor() -> CInt {
        let probe = dup(STDERR_FILENO)
        if probe >= 0 { close(probe) }
        return probe
    }

    /// Carries a new context out of the lock.
    @safe private struct Unowned: @unchecked Sendable {
        let pointer: OpaquePointer?
        init(_ pointer: OpaquePointer?) { unsafe self.pointer = unsafe pointer }
    }

    private static func text(_ buffer: UnsafePointer<CChar>?) -> String {
        guard let buffer = unsafe buffer else { return "" }
        let text = unsafe String(cString: buffer)
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }
}
