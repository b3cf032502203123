import MeshAPI

/// The enrolments that one file of enroll.d asks for: all of them, or none.
package enum EnrolmentDocuments {
    /// Enrolments that one file may hold.
    package static let documentLimit = 256

    /// Why a file is not read: the line, the field, and what would be right.
    package struct Problem: Error, Equatable, CustomStringConvertible {
        /// "file:line: problem; remedy"
        package let description: String
    }

    /// Reads `bytes`, the content of `file`.
    package static func read(_ bytes: [UInt8], file: String) throws(Problem) -> [EnrolmentRecord] {
        guard bytes.count <= EnrolmentRecord.requestLimit else {
            throw Problem(
                description:
                    "\(file): it has \(bytes.count) bytes; put at most \(EnrolmentRecord.requestLimit) into one file"
            )
        }
        let text: BlockText
        do throws(BlockText.Problem) {
            text = try BlockText(bytes)
        } catch {
            throw Problem(description: "\(file):\(error.line): \(error.problem); \(error.remedy)")
        }
        guard text.documents.count <= documentLimit else {
            throw Problem(description: "\(file): it holds more than \(documentLimit) enrolments; use several files")
        }
        var records: [EnrolmentRecord] = []
        for document in text.documents {
            do throws(BlockText.Problem) {
                var record = try record(document)
                record.source = file
                if records.contains(where: { $0.uid == record.uid }) {
                    throw BlockText.Problem(
                        line: document.line, problem: "\(record.uid) is enrolled twice in this file",
                        remedy: "give one of them another name")
                }
                records.append(record)
            } catch {
                throw Problem(description: "\(file):\(error.line): \(error.problem); \(error.remedy)")
            }
        }
        return records
    }

    private static func record(_ document: BlockText.Document) throws(BlockText.Problem) -> EnrolmentRecord {
        var message = Ambit_Enrolment_V1_Enrolment()
        for field in document.fields {
            switch field.name {
            case "kind": message.kind = try text(field)
            case "target": message.target = try text(field)
            case "name": message.name = try text(field)
            case "namespace": message.namespace = try text(field)
            case "serviceAccount": message.serviceAccount = try text(field)
            case "locality": message.locality = try text(field)
            case "group": message.group = try text(field)
            case "weight": message.weight = try number(field)
            case "labels":
                for label in try fields(field) { message.labels[label.name] = try text(label) }
            case "ports":
                for port in try fields(field) { message.ports[port.name] = try number(port) }
            default:
                throw BlockText.Problem(
                    line: field.line, problem: "'\(field.name)' is not a field of an enrolment",
                    remedy: "use kind, target, name, namespace, serviceAccount, labels, ports, weight, locality, group")
            }
        }
        for (name, value) in [("kind", message.kind), ("target", message.target)] where value.isEmpty {
            throw BlockText.Problem(
                line: document.line, problem: "the enrolment has no \(name)", remedy: "add \(name): VALUE")
        }
        do throws(EnrolmentError) {
            return try EnrolmentRecord(message)
        } catch {
            throw BlockText.Problem(
                line: line(of: error, in: document), problem: error.problem, remedy: error.remedy)
        }
    }

    /// The line of the field that an error names first, else that of the enrolment.
    private static func line(of error: EnrolmentError, in document: BlockText.Document) -> Int {
        let inner = document.fields.flatMap { field -> [BlockText.Field] in
            if case .fields(let fields) = field.value { fields } else { [] }
        }
        let named =
            inner.filter { error.problem.contains("'\($0.name)'") }
            + document.fields.filter { error.problem.contains($0.name) || isValue($0, in: error.problem) }
        return named.first?.line ?? document.line
    }

    private static func isValue(_ field: BlockText.Field, in problem: String) -> Bool {
        if case .text(let text) = field.value { problem.contains("'\(text)'") } else { false }
    }

    private static func text(_ field: BlockText.Field) throws(BlockText.Problem) -> String {
        guard case .text(let text) = field.value, !text.isEmpty else {
            throw BlockText.Problem(
                line: field.line, problem: "'\(field.name)' is not a single value", remedy: "write \(field.name): VALUE"
            )
        }
        return text
    }

    private static func number(_ field: BlockText.Field) throws(BlockText.Problem) -> UInt32 {
        let text = try text(field)
        guard let number = UInt32(text), number > 0, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw BlockText.Problem(
                line: field.line, problem: "'\(field.name)' is '\(text)'", remedy: "write a whole number above 0")
        }
        return number
    }

    private static func fields(_ field: BlockText.Field) throws(BlockText.Problem) -> [BlockText.Field] {
        switch field.value {
        case .fields(let fields): return fields
        case .text(let text) where text.isEmpty: return []
        case .text, .list:
            throw BlockText.Problem(
                line: field.line, problem: "'\(field.name)' is a single value",
                remedy: "write \(field.name): {NAME: VALUE}, or NAME: VALUE in indented lines below it")
        }
    }
}
