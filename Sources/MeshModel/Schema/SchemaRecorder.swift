/// Notes what validation asks one object for: an ``ObjectReader`` that describes instead of reading writes here.
///
/// So the schemas that clients see and the checks that they meet are one text. Lives on one task.
final class SchemaRecorder {
    private enum Held {
        case form(FieldSchema.Form)
        case object(SchemaRecorder)
        case objects(SchemaRecorder)
    }

    private struct Note {
        let name: String
        let held: Held
        let about: String
        let isRequired: Bool
        let mergeKey: String?
    }

    /// The name that stands for every member of an object whose member names are data.
    static let anyName = "*"

    /// Whether the object's member names are data.
    let isMap: Bool
    private var notes: [Note] = []

    init(isMap: Bool = false) {
        self.isMap = isMap
    }

    /// Notes a field that is not an object. A field that is asked for twice keeps its first note.
    func note(
        _ name: String, _ form: FieldSchema.Form, about: String, isRequired: Bool = false, mergeKey: String? = nil
    ) {
        add(Note(name: name, held: .form(form), about: about, isRequired: isRequired, mergeKey: mergeKey))
    }

    /// Notes an object and returns where its own fields go.
    func noteObject(_ name: String, isMap: Bool, about: String, isRequired: Bool) -> SchemaRecorder {
        let inner = SchemaRecorder(isMap: isMap)
        add(Note(name: name, held: .object(inner), about: about, isRequired: isRequired, mergeKey: nil))
        return inner
    }

    /// Notes a list of objects and returns where the fields of each go.
    func noteObjects(_ name: String, about: String, mergeKey: String?) -> SchemaRecorder {
        let inner = SchemaRecorder()
        add(Note(name: name, held: .objects(inner), about: about, isRequired: false, mergeKey: mergeKey))
        return inner
    }

    private func add(_ note: Note) {
        if !notes.contains(where: { $0.name == note.name }) { notes.append(note) }
    }

    /// What was noted. An object that nobody asked anything of is open.
    var form: FieldSchema.Form {
        let members = notes.map { note in
            let form: FieldSchema.Form =
                switch note.held {
                case .form(let form): form
                case .object(let inner): inner.form
                case .objects(let inner): .list(FieldSchema(inner.form))
                }
            return FieldSchema.Member(
                name: note.name, schema: FieldSchema(form, about: note.about, mergeKey: note.mergeKey),
                isRequired: note.isRequired)
        }
        if isMap { return .map(members.first?.schema ?? FieldSchema(.anything)) }
        return members.isEmpty ? .map(FieldSchema(.anything)) : .object(members)
    }
}
