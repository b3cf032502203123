import Glibc
import Testing

/// A program of a test that holds many connections and does nothing with them, outside of this process, so that its memory
/// and descriptors are not counted here.
final class HoldingProcess {
    private let output: UnsafeMutablePointer<FILE>
    private var pid: pid_t = 0

    /// Takes connections on `port` in a namespace and keeps them.
    static func server(in namespace: String, port: UInt16) throws -> HoldingProcess {
        try HoldingProcess(
            namespace,
            """
            import os,socket
            s=socket.socket(); s.setsockopt(socket.SOL_SOCKET,socket.SO_REUSEADDR,1)
            s.bind((\"\",\(port))); s.listen(4096); print(os.getpid(),flush=True); held=[]
            while True: held.append(s.accept())
            """)
    }

    /// Opens `count` connections from a namespace and keeps them.
    static func client(in namespace: String, to host: String, port: UInt16, count: Int) throws -> HoldingProcess {
        try HoldingProcess(
            namespace,
            """
            import os,socket,time
            print(os.getpid(),flush=True); held=[]
            for i in range(\(count)):
                s=socket.socket(); s.connect((\"\(host)\",\(port))); held.append(s)
            time.sleep(3600)
            """)
    }

    private init(_ namespace: String, _ program: String) throws {
        output = try #require(popen("exec ip netns exec \(namespace) python3 -c '\(program)' 2>&1", "re"))
        var line = [CChar](repeating: 0, count: 64)
        try #require(fgets(&line, 64, output) != nil)
        let text = String(decoding: line.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        pid = try #require(pid_t(text), "the program did not start: \(text)")
    }

    /// Ends the program; the kernel closes its connections.
    func stop() {
        guard pid > 0 else { return }
        kill(pid, SIGKILL)
        pclose(output)
        pid = 0
    }

    deinit { stop() }
}
