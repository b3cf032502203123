import Foundation

/// Writes a file that holds a key: nobody else can read it at any moment, and no file that is there is replaced.
enum PrivateFile {
    static func write(_ text: String, to path: String) throws(CommandFailure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let reason = errno
            throw CommandFailure(
                "--out: \(path) cannot be made: \(String(cString: strerror(reason)))",
                next: reason == EEXIST
                    ? "remove it first, or name another file" : "name a file in a folder that you may write")
        }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try file.write(contentsOf: Data(text.utf8))
            try file.synchronize()
        } catch {
            try? FileManager.default.removeItem(atPath: path)
            throw CommandFailure(
                "--out: \(path) cannot be written: \(error)", next: "free space there, and run the command again")
        }
    }
}
