import Glibc
import LinuxSystem
import NodeCore

/// One file of enroll.d, read.
struct EnrolmentFile {
    /// Its path.
    let path: String
    /// What it asks for, or why it is not read.
    let content: Result<[EnrolmentRecord], EnrolmentDocuments.Problem>

    /// All files of a folder that end in .yaml or .yml, by name; none if there is no folder.
    static func all(in folder: String, limit: Int) throws(StateDirectoryError) -> [EnrolmentFile] {
        guard access(folder, F_OK) == 0 || errno != ENOENT else { return [] }
        let directory = try StateDirectory(reading: folder)
        let names = try (directory.files(suffix: ".yaml") + directory.files(suffix: ".yml")).sorted()
        // A name that begins with a dot is an editor's, or one on its way to its place.
        return names.filter { !$0.hasPrefix(".") }.prefix(limit).map { read("\(folder)/\($0)") }
    }

    private static func read(_ path: String) -> EnrolmentFile {
        do throws(EnrolmentDocuments.Problem) {
            let bytes = try content(path)
            return EnrolmentFile(path: path, content: .success(try EnrolmentDocuments.read(bytes, file: path)))
        } catch {
            return EnrolmentFile(path: path, content: .failure(error))
        }
    }

    private static func content(_ path: String) throws(EnrolmentDocuments.Problem) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        let reason = strerror(errno).map { String(cString: $0) } ?? ""
        guard descriptor >= 0 else { throw .init(description: "\(path): it cannot be opened: \(reason)") }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            throw .init(description: "\(path): it is not a file; remove it")
        }
        // Who may write here decides who has which identity.
        guard facts.st_uid == 0 || facts.st_uid == geteuid(), facts.st_mode & 0o022 == 0 else {
            throw .init(
                description:
                    "\(path): others than root may write to it; run `chown root \(path)` and `chmod 644 \(path)`")
        }
        var bytes = [UInt8](repeating: 0, count: EnrolmentRecord.requestLimit + 1)
        var count = 0
        while count < bytes.count {
            let result = bytes[count...].withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if result < 0, errno == EINTR { continue }
            guard result >= 0 else { throw .init(description: "\(path): it cannot be read") }
            if result == 0 { break }
            count += result
        }
        return Array(bytes[..<count])
    }
}
