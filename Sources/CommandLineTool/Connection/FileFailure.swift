import Foundation

/// Turns what Foundation says about a file that could not be read into a failure with a remedy.
enum FileFailure {
    /// The failure for `path`; `whenMissing` is the advice if there is no such file.
    static func failure(
        reading path: String, error: any Error, whenMissing: String, status: ExitStatus = .failure
    ) -> CommandFailure {
        switch (error as? CocoaError)?.code {
        case .fileReadNoSuchFile, .fileNoSuchFile:
            return CommandFailure("\(path): no such file", next: whenMissing, status: status)
        case .fileReadNoPermission:
            return CommandFailure(
                "\(path): permission denied", next: "run as root (sudo), or as the file's owner", status: status)
        default:
            let reason = (error as? CocoaError)?.underlying.map { "\($0)" } ?? "\(error)"
            return CommandFailure("\(path): cannot be read: \(reason)", next: whenMissing, status: status)
        }
    }
}
