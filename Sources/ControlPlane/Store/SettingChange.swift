/// One condition and one write of a transaction over settings: SQLite and etcd both have it (compare, then put or delete).
package struct SettingChange: Sendable, Hashable {
    /// Which setting.
    package let key: String
    /// What it must be when the transaction runs; nil: it must not be there.
    package let expected: [UInt8]?
    /// What it is afterwards; nil: it is not there.
    package let value: [UInt8]?

    /// A change of `key` from exactly `expected` to `value`.
    package init(_ key: String, from expected: [UInt8]?, to value: [UInt8]?) {
        self.key = key
        self.expected = expected
        self.value = value
    }

    /// A condition alone: the setting is, and stays, `value`.
    package static func unchanged(_ key: String, _ value: [UInt8]?) -> SettingChange {
        SettingChange(key, from: value, to: value)
    }
}
