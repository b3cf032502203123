import Glibc

/// A user of this host, by name or number.
package struct UserTarget: Hashable, Sendable {
    /// As it was given.
    package let text: String

    /// Checks that `text` can be a user's name or number.
    package init(_ text: String) throws(EnrolmentError) {
        let isWord = text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
            default: "-_.$@\\".utf8.contains(byte)
            }
        }
        guard !text.isEmpty, text.utf8.count <= 255, isWord, !text.hasPrefix("-") else {
            throw EnrolmentError(
                .invalid, "'\(text)' names no user", remedy: "give a name that `getent passwd` shows, or a number")
        }
        self.text = text
    }

    /// The number; looked up on this host. On the namespace thread: name services may take their time.
    package func number() throws(EnrolmentError) -> UInt32 {
        let number: UInt32
        if let given = UInt32(text) {
            number = given
        } else {
            number = try lookedUp()
        }
        guard number != 0, number != geteuid() else {
            throw EnrolmentError(
                .invalid, "the user \(text) runs ztunnel itself, or the host's own services",
                remedy: "enrol a user who runs nothing but the workload, or the workload's unit (kind unit)")
        }
        return number
    }

    private func lookedUp() throws(EnrolmentError) -> UInt32 {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 65_536)
        let result = getpwnam_r(text, &entry, &buffer, buffer.count, &found)
        guard result == 0, found != nil else {
            let reason = result == 0 ? "" : ": \(strerror(result).map { String(cString: $0) } ?? "error \(result)")"
            throw EnrolmentError(
                .unknown, "there is no user \(text)\(reason)",
                remedy: "see `getent passwd`; the enrolment takes effect when the user is made")
        }
        return entry.pw_uid
    }
}
