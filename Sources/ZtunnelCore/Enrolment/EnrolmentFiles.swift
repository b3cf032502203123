package import NodeCore

/// The enrolments on the node's disk, one JSON file each: what is enrolled again after a restart.
///
/// Confined to the control loop.
package struct EnrolmentFiles {
    private let directory: StateDirectory

    /// Keeps enrolments in `directory`.
    package init(directory: StateDirectory) {
        self.directory = directory
    }

    /// Stores one; it replaces what was there in one step.
    package func save(_ record: EnrolmentRecord) throws(EnrolmentError) {
        let bytes = try record.json()
        do throws(StateDirectoryError) {
            try directory.write(Self.file(record), bytes)
        } catch {
            throw EnrolmentError(
                .failed, "the enrolment of \(record.uid) cannot be stored: \(error)",
                remedy: "make room on the disk, or set AMBIT_STATE_DIR to a directory that ztunnel can write")
        }
    }

    /// Forgets one.
    package func remove(_ record: EnrolmentRecord) {
        directory.remove(Self.file(record))
    }

    /// All that can be read, and a sentence for each that cannot.
    package func load() -> (records: [EnrolmentRecord], problems: [String]) {
        var records: [EnrolmentRecord] = []
        var problems: [String] = []
        do throws(StateDirectoryError) {
            for name in try directory.files(suffix: ".json") {
                let bytes = try directory.read(name) ?? []
                do throws(EnrolmentError) {
                    records.append(try EnrolmentRecord(stored: bytes))
                } catch {
                    problems.append("\(directory.path)/\(name) is not enrolled: \(error)")
                }
            }
        } catch {
            problems.append("\(error)")
        }
        return (records, problems)
    }

    private static func file(_ record: EnrolmentRecord) -> String { "\(record.namespace)__\(record.name).json" }
}
