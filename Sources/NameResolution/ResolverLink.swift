/// What c-ares holds of a resolver: it reports its sockets even while the resolver goes away.
final class ResolverLink {
    weak var resolver: NameResolver?
}
