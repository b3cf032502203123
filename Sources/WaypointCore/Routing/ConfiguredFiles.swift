import NodeCore
import TLSEngine

/// The files that TLS settings name, each read once for each version of the configuration, and looked at for changes. Owned by the
/// control loop, which may read files.
struct ConfiguredFiles {
    /// How often files are looked at.
    static let lookInterval = Duration.seconds(5)

    /// Reads a file.
    typealias Read = (String) throws(TLSError) -> String

    private let read: Read
    /// What was read last, by path; nil for what could not be read.
    private var contents: [String: String?] = [:]

    init(read: @escaping Read = Self.readFile) {
        self.read = read
    }

    /// A new version of the configuration begins: files that it does not name are not looked at any more.
    mutating func begin() { contents = [:] }

    /// The content of a file, which counts as named from now on.
    mutating func content(_ path: String) throws(TLSError) -> String {
        if let known = contents[path], let known { return known }
        do throws(TLSError) {
            let text = try read(path)
            contents[path] = text
            return text
        } catch {
            contents[path] = .some(nil)
            throw error
        }
    }

    /// Whether a file that is named has another content than when it was read.
    func haveChanged() -> Bool {
        contents.contains { path, content in (try? read(path)) != content }
    }

    private static func readFile(_ path: String) throws(TLSError) -> String {
        do throws(StateDirectoryError) {
            return String(decoding: try StateDirectory.readConfiguredFile(path), as: UTF8.self)
        } catch {
            throw TLSError(.material, "the file \(path) cannot be read: \(error.reason)")
        }
    }
}
