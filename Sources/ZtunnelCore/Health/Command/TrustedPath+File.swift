import Glibc

extension TrustedPath.Facts {
    /// What is at a path of this host; nil where nothing is, or nothing that this process may see.
    package static func ofFile(_ path: String) -> Self? {
        var facts = stat()
        guard lstat(path, &facts) == 0 else { return nil }
        let kind: Kind
        switch facts.st_mode & S_IFMT {
        case S_IFDIR: kind = .directory
        case S_IFREG: kind = .file
        case S_IFLNK:
            guard let target = target(path) else { return nil }
            kind = .link(to: target)
        default: kind = .other
        }
        return Self(kind, owner: facts.st_uid, mode: facts.st_mode & 0o7777)
    }

    private static func target(_ path: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = buffer.withUnsafeMutableBytes { bytes in
            bytes.baseAddress.map { readlink(path, $0.assumingMemoryBound(to: CChar.self), bytes.count) } ?? -1
        }
        return count > 0 && count < buffer.count ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }
}
