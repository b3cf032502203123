import Foundation

/// Writes files that must be whole after a power cut, with their mode from the first byte on.
enum DurableWrite {
    /// Writes beside, flushes, and renames into place.
    static func write(_ text: String, to path: String, mode: mode_t) throws(CommandFailure) {
        let draft = "\(path).new"
        unlink(draft)
        // O_EXCL: no one else's file or link is written to.
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0 else { throw failure("cannot write", draft) }
        do {
            let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
            try file.write(contentsOf: Data(text.utf8))
            guard fchmod(descriptor, mode) == 0 else { throw failure("cannot protect", draft) }
            try file.synchronize()
            try file.close()
        } catch let failure as CommandFailure {
            unlink(draft)
            throw failure
        } catch {
            unlink(draft)
            throw CommandFailure(
                "cannot write \(draft): \(error)", next: "free space there, make a new token, and join again")
        }
        guard rename(draft, path) == 0 else {
            let failure = failure("cannot put into place", path)
            unlink(draft)
            throw failure
        }
        flushDirectory(of: path)
    }

    /// Makes a directory and those above it where they are missing.
    static func makeDirectory(_ path: String, mode: Int) throws(CommandFailure) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: mode])
        } catch {
            throw CommandFailure("cannot make the directory \(path): \(reason(error))", next: "run as root (sudo)")
        }
    }

    /// Throws where nothing can be written into a directory: better now than with a token spent.
    static func checkWritable(_ directory: String) throws(CommandFailure) {
        guard access(directory, W_OK) == 0 else { throw failure("cannot write into", directory) }
    }

    /// The new name must survive a power cut, too.
    private static func flushDirectory(of path: String) {
        let descriptor = open((path as NSString).deletingLastPathComponent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    private static func reason(_ error: any Error) -> String {
        (error as? CocoaError)?.code == .fileWriteNoPermission ? "permission denied" : "\(error)"
    }

    private static func failure(_ action: String, _ path: String) -> CommandFailure {
        CommandFailure("\(action) \(path): \(String(cString: strerror(errno)))", next: "run as root (sudo)")
    }
}
