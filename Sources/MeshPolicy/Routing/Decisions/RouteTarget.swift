/// Where a route leads.
package enum RouteTarget: Sendable, Hashable {
    /// A cluster that exists.
    case cluster(ClusterKey)
    /// None: its host, port or subset is not known, for the reason given. 503, flag NC.
    case missing(String)
}
