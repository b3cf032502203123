package import LinuxSystem

/// What the program tells systemd of itself (sd_notify(3)), and what systemd keeps for it. Thread: any.
///
/// A service manager that does not listen is not a reason to stop: what cannot be sent is not sent.
package struct ServiceManager: Sendable {
    private let socket: NotifySocket

    /// The manager that listens on `socket`; nil where there is none.
    package init?(_ socket: NotifySocket?) {
        guard let socket else { return nil }
        self.socket = socket
    }

    /// The service works, as the process `process`; `status` is what `systemctl status` shows.
    package func ready(process: Int32, status: String) { send("MAINPID=\(process)\nREADY=1\nSTATUS=\(status)") }

    /// What the service does or waits for, in a line.
    package func status(_ text: String) { send("STATUS=\(text)") }

    /// The service ends.
    package func stopping(status: String) { send("STOPPING=1\nSTATUS=\(status)") }

    /// The service is alive (WatchdogSec=).
    package func alive() { send("WATCHDOG=1") }

    /// Has `socket` kept for the next process, also after a crash. Storing a socket twice is storing it once.
    package func store(_ socket: CInt, _ name: SocketName) {
        // Without polling: a socket with a pending error is still the socket that the next process needs.
        send("FDSTORE=1\nFDNAME=\(name)\nFDPOLL=0", passing: socket)
    }

    /// Has it kept no longer.
    package func forget(_ name: SocketName) { send("FDSTOREREMOVE=1\nFDNAME=\(name)") }

    private func send(_ message: String, passing descriptor: CInt? = nil) {
        try? socket.send(message, passing: descriptor)
    }
}
