import CNftables
internal import LinuxSystem
import Synchronization

/// Runs nft commands in the network namespace of the calling thread.
///
/// Each run is a libnftables session on a thread of its own, which starts in the caller's namespace. That thread has a descriptor
/// table of its own too: libnftables waits with select(2), which ends the program on a descriptor from 1,024 on, and a loaded
/// ztunnel has tens of thousands. A run takes milliseconds and waits for the kernel, so never call it on a data-plane worker.
/// libnftables keeps process-wide tables (interface names, scanner state), so the runs of several threads take turns.
package enum Nftables {
    /// Longest command text that is accepted, in bytes; the capture rules are under 8 KiB.
    package static let maximumCommandLength = 1 << 20

    private static let turn = Mutex(())

    /// Runs `commands` (nft language, one or many lines, or a JSON object) as ONE transaction: all or nothing.
    ///
    /// Returns what `list` commands printed. `operation` is what an error says could not be done.
    @discardableResult
    package static func run(_ commands: String, as operation: String) throws(NetfilterError) -> String {
        guard commands.utf8.count <= maximumCommandLength, !commands.utf8.contains(0) else {
            throw NetfilterError(
                operation: operation, reason: "the command text is over \(maximumCommandLength) bytes or holds NUL")
        }
        let outcome = Outcome()
        do {
            let thread = try SystemThread(name: "nftables") {
                let result = turn.withLock { _ in session(commands, operation) }
                outcome.result.withLock { $0 = result }
            }
            thread.join()
        } catch {
            throw NetfilterError(operation: operation, reason: "no thread for nft: \(error)", number: error.rawValue)
        }
        return try outcome.result.withLock { $0 }.get()
    }

    /// Loads the rules of a table of family `inet` by `commands`, which replace what is in its chains and sets and delete neither. Where
    /// the table has chains or sets of another form, as another version may have left them, it is made anew.
    package static func replace(_ table: String, by commands: String) throws(NetfilterError) {
        let operation = "load the capture rules (inet \(table))"
        do throws(NetfilterError) {
            try run(commands, as: operation)
        } catch {
            try run("add table inet \(table)\ndelete table inet \(table)\n" + commands, as: operation)
        }
    }

    /// The whole ruleset of the namespace, as `nft list ruleset` prints it.
    package static func ruleset() throws(NetfilterError) -> String {
        try run("list ruleset", as: "list the nftables ruleset")
    }

    /// The names of the tables of family `inet`.
    package static func tables() throws(NetfilterError) -> [String] {
        let listing = try run("list tables inet", as: "list the nftables tables")
        return listing.split(separator: "\n").compactMap { line in
            line.split(separator: " ").last.map(String.init)
        }
    }

    /// What the thread of a run leaves for its caller.
    private final class Outcome: Sendable {
        let result = Mutex(
            Result<String, NetfilterError>.failure(
                NetfilterError(operation: "run nft", reason: "its thread said nothing")))
    }

    /// One whole session. Its thread ends after it: that thread's descriptor table has nothing of the process in it.
    private static func session(_ commands: String, _ operation: String) -> Result<String, NetfilterError> {
        func refused(_ reason: String, _ number: Int32 = 0) -> Result<String, NetfilterError> {
            .failure(NetfilterError(operation: operation, reason: reason, number: number))
        }
        do {
            try SystemThread.leaveDescriptorTable()
        } catch {
            return refused("no descriptor table of its own for nft (Linux before 5.9?): \(error)", error.rawValue)
        }
        // Sound: the context lives in this function, on this thread, and is freed once, here.
        guard let context = unsafe nft_ctx_new(UInt32(NFT_CTX_DEFAULT)) else {
            return refused("libnftables gave no context (out of memory?)")
        }
        defer { unsafe nft_ctx_free(context) }
        // Errors and listings go to buffers of the context; nothing is written to our stdout or stderr.
        guard unsafe nft_ctx_buffer_output(context) == 0, unsafe nft_ctx_buffer_error(context) == 0 else {
            return refused("no memory for its output")
        }
        guard unsafe commands.withCString({ unsafe nft_run_cmd_from_buffer(context, $0) }) == 0 else {
            let problem = unsafe text(nft_ctx_get_error_buffer(context))
            return refused(problem.isEmpty ? "nft gave no reason" : problem)
        }
        return .success(unsafe text(nft_ctx_get_output_buffer(context)))
    }

    private static func text(_ buffer: UnsafePointer<CChar>?) -> String {
        guard let buffer = unsafe buffer else { return "" }
        let text = unsafe String(cString: buffer)
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }
}
