package import LinuxSystem
import MeshRuntime
import Synchronization

/// Writes log lines from a thread of its own, so that a slow reader of standard output never slows a worker.
///
/// Lines wait in one byte buffer of bounded size and of a bounded number of lines; one that does not fit is dropped and
/// counted. A writer holds the lock for one copy of its line. Thread: any.
package final class LogSink: Sendable {
    /// Lines that may wait (Z 8.2).
    package static let defaultCapacity = 10_000
    /// Bytes that may wait.
    package static let defaultByteCapacity = 4 << 20

    private struct Queue {
        var bytes: [UInt8] = []
        var lines = 0
        var isDraining = false
    }

    private let queue = Mutex(Queue())
    /// Held while bytes are handed to the kernel, so that lines stay whole.
    private let writing = Mutex(())
    private let dropped = Atomic<UInt64>(0)
    private let capacity: Int
    private let byteCapacity: Int
    private let descriptor: CInt
    private let thread: LoopThread

    /// Starts the thread that writes to `descriptor` (borrowed: 1 is standard output).
    package init(
        descriptor: CInt = 1, capacity: Int = LogSink.defaultCapacity, byteCapacity: Int = LogSink.defaultByteCapacity
    ) throws(Errno) {
        self.descriptor = descriptor
        self.capacity = capacity
        self.byteCapacity = byteCapacity
        self.thread = try LoopThread(name: "log")
    }

    /// Lines that were thrown away because the reader is too slow, since the start.
    package var droppedLines: UInt64 { dropped.load(ordering: .relaxed) }

    /// Queues one line; the newline is added here. Never waits for the reader.
    package func write(_ line: String) {
        var line = line
        let mustWake = line.withUTF8 { text in
            queue.withLock { queue -> Bool in
                guard queue.lines < capacity, queue.bytes.count + text.count < byteCapacity else {
                    dropped.wrappingAdd(1, ordering: .relaxed)
                    return false
                }
                queue.bytes.append(contentsOf: text)
                queue.bytes.append(UInt8(ascii: "\n"))
                queue.lines += 1
                defer { queue.isDraining = true }
                return !queue.isDraining
            }
        }
        guard mustWake else { return }
        if !thread.loop.submit({ [self] in drain() }) {
            queue.withLock { $0.isDraining = false }
        }
    }

    /// Writes what is queued, on the calling thread. For the end of the program.
    package func flush() { drain() }

    private func drain() {
        let isBlocked = writing.withLock { _ -> Bool in
            while let batch = nextBatch() {
                let rest = write(batch)
                guard rest.isEmpty else {
                    queue.withLock { $0.bytes.insert(contentsOf: rest, at: 0) }
                    return true
                }
            }
            return false
        }
        // Somebody made standard output nonblocking and its reader is slow: come back later.
        if isBlocked { _ = thread.loop.submit { [self] in retryLater() } }
    }

    private func retryLater() {
        thread.loop.schedule(after: .milliseconds(10)) { [self] in drain() }
    }

    private func nextBatch() -> [UInt8]? {
        queue.withLock { queue in
            guard !queue.bytes.isEmpty else {
                queue.isDraining = false
                return nil
            }
            let batch = queue.bytes
            queue.bytes = []
            queue.lines = 0
            return batch
        }
    }

    /// Returns what could not be written now.
    private func write(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        var rest = bytes[...]
        while !rest.isEmpty {
            do throws(Errno) {
                switch try Transfer.write(descriptor, Array(rest)) {
                case .bytes(let count): rest = rest.dropFirst(count)
                case .wouldBlock: return rest
                }
            } catch {
                // Standard output is gone: there is nobody to tell.
                return []
            }
        }
        return []
    }
}
