/// One question that c-ares has not answered. It holds the reference that c-ares is given until then.
final class NameQuestion {
    let name: String
    let completion: NameResolver.Completion
    weak var resolver: NameResolver?

    init(_ name: String, _ resolver: NameResolver, _ completion: @escaping NameResolver.Completion) {
        self.name = name
        self.resolver = resolver
        self.completion = completion
    }
}
