/// What one field of a resource may hold, for people and for clients that check before they send.
///
/// Never written by hand: it is what validation asks a document for, recorded (see ``SchemaRecorder``). Rules that need more than
/// the field's own form (a port's name is unique, an address is one) are validation's alone.
package struct FieldSchema: Sendable, Hashable {
    /// The forms of a value.
    package indirect enum Form: Sendable, Hashable {
        case string
        /// One of these texts.
        case words([String])
        case integer(ClosedRange<Int64>)
        /// A number, with a fraction or without.
        case number(ClosedRange<Double>)
        case boolean
        /// A number or a text, such as a port by number or by name.
        case integerOrString
        case list(FieldSchema)
        /// An object whose member names are data.
        case map(FieldSchema)
        /// An object with these members and no others.
        case object([Member])
        /// Accepted whatever it is.
        case anything
    }

    /// A field of an object.
    package struct Member: Sendable, Hashable {
        package var name: String
        package var schema: FieldSchema
        package var isRequired: Bool
    }

    package var form: Form
    /// What the field means, one or two sentences; empty for the elements of lists and maps.
    package var about: String
    /// The member by which elements of this list are told apart when a strategic merge patch merges them; nil where a patch
    /// replaces the list.
    package var mergeKey: String?

    package init(_ form: Form, about: String = "", mergeKey: String? = nil) {
        self.form = form
        self.about = about
        self.mergeKey = mergeKey
    }

    /// The schema of a member of this object; of any member, where it is a map.
    package func member(_ name: String) -> FieldSchema? {
        switch form {
        case .object(let members): members.first { $0.name == name }?.schema
        case .map(let value): value
        default: nil
        }
    }
}
