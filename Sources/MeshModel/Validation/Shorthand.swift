/// What somebody means who writes a plain value where an object is: `end-user: jason` for `end-user: {exact: "jason"}`. Read by
/// nothing but messages: the API itself takes no shorthands. Pure.
struct Shorthand: Sendable {
    /// The members that the value may be meant for, the likeliest first.
    let names: [String]
    /// Whether the members are numbers.
    let isNumber: Bool
    /// The member that has an object with them; nil where they are members themselves.
    var outer: String?

    /// Members that are texts.
    static func text(_ names: String...) -> Self { Self(names: names, isNumber: false) }
    /// A member that is a text, of the object that the member `outer` is.
    static func text(_ name: String, in outer: String) -> Self { Self(names: [name], isNumber: false, outer: outer) }
    /// A member that is a number.
    static func number(_ name: String) -> Self { Self(names: [name], isNumber: true) }

    /// The member that an object must have to be what is meant.
    var member: String? { outer ?? names.first }

    /// What to write instead of `value`.
    func remedy(_ value: JSONValue) -> String? {
        example(value).map { "write \($0)" } ?? member.map { "write an object with \($0)" }
    }

    /// The object that `value` is meant to be, for people; nil where it cannot be meant so.
    func example(_ value: JSONValue) -> String? {
        let text: String
        switch value {
        case .string(let string): text = string
        case .int, .double: text = value.compactText
        case .null, .bool, .array, .object: return nil
        }
        let written = isNumber ? TypeRemedy.number(in: text) : JSONValue.string(text).compactText
        guard let written else { return nil }
        let objects = names.map { "{\($0): \(written)}" }.joined(separator: " or ")
        return outer.map { "{\($0): \(objects)}" } ?? objects
    }
}
