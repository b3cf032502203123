import Glibc
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
        let bytes: [UInt8]
        do throws(AdministratorFileProblem) {
            bytes = try AdministratorFile.read(path, limit: EnrolmentRecord.requestLimit)
        } catch {
            return EnrolmentFile(path: path, content: .failure(.init(description: error.description)))
        }
        do throws(EnrolmentDocuments.Problem) {
            return EnrolmentFile(path: path, content: .success(try EnrolmentDocuments.read(bytes, file: path)))
        } catch {
            return EnrolmentFile(path: path, content: .failure(error))
        }
    }
}
