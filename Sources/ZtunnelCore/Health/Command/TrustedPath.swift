/// Whether a path leads, by whatever links, only through what nobody but root can change. Pure; the caller looks at the files.
package enum TrustedPath {
    /// What is at a path, links not followed.
    package struct Facts: Equatable, Sendable {
        /// What it is.
        package enum Kind: Equatable, Sendable {
            case directory
            case file
            case link(to: String)
            case other
        }

        package let kind: Kind
        /// The user's number.
        package let owner: UInt32
        /// The bits of chmod.
        package let mode: UInt32

        /// What was seen.
        package init(_ kind: Kind, owner: UInt32 = 0, mode: UInt32) {
            self.kind = kind
            self.owner = owner
            self.mode = mode
        }
    }

    /// Symbolic links that one path may lead through.
    package static let linkLimit = 16

    /// What is at the end of `path`.
    package static func check(_ path: String, _ look: (String) -> Facts?) throws(CommandRefusal) -> Facts {
        guard path.hasPrefix("/"), !path.split(separator: "/").contains(where: { $0 == ".." || $0 == "." }) else {
            throw CommandRefusal("\(path) is no absolute path without . and ..: write the whole path")
        }
        var rest = parts(path)
        var place: [Substring] = []
        var links = 0
        var here = try trusted("/", look)
        while let part = rest.popLast() {
            guard here.kind == .directory else { throw CommandRefusal("\(text(place)) is no directory") }
            // Of the targets of links.
            if part == "." { continue }
            if part == ".." {
                _ = place.popLast()
                here = try trusted(text(place), look)
                continue
            }
            let facts = try trusted(text(place + [part]), look)
            if case .link(let target) = facts.kind {
                links += 1
                guard links <= linkLimit else {
                    throw CommandRefusal("\(path) leads through more than \(linkLimit) links")
                }
                if target.hasPrefix("/") {
                    place = []
                    here = try trusted("/", look)
                }
                rest += parts(target)
            } else {
                place.append(part)
                here = facts
            }
        }
        return here
    }

    private static func text(_ place: [Substring]) -> String { "/" + place.joined(separator: "/") }

    private static func parts(_ path: String) -> [Substring] { path.split(separator: "/").reversed() }

    private static func trusted(_ path: String, _ look: (String) -> Facts?) throws(CommandRefusal) -> Facts {
        guard let facts = look(path) else {
            throw CommandRefusal("there is no \(path) that ztunnel can see (it sees nothing of /home, /root and /tmp)")
        }
        guard facts.owner == 0 else { throw CommandRefusal("\(path) is not root's: run `chown root \(path)`") }
        if case .link = facts.kind { return facts }
        guard facts.mode & 0o022 == 0 else {
            throw CommandRefusal(
                "others than root may write to \(path): run `chmod go-w \(path)`, or use another place")
        }
        return facts
    }
}
