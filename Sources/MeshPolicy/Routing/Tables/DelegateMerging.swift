import MeshModel

/// Merges a route that delegates with the routes of the VirtualService that it names (I 2.13). Pure.
enum DelegateMerging {
    /// The delegate's routes as they hold under the root's; those whose matches conflict with it are left out.
    static func merge(
        root: VirtualServiceSpec.HTTPRoute, delegate routes: [VirtualServiceSpec.HTTPRoute]
    ) -> [VirtualServiceSpec.HTTPRoute] {
        routes.compactMap { merge(root: root, route: $0) }
    }

    private static func merge(
        root: VirtualServiceSpec.HTTPRoute, route: VirtualServiceSpec.HTTPRoute
    ) -> VirtualServiceSpec.HTTPRoute? {
        // One level only: a delegate cannot delegate again.
        guard route.delegate == nil, let match = merge(root: root.match, delegate: route.match) else { return nil }
        var result = route
        result.match = match
        result.name = [root.name, route.name].filter { !$0.isEmpty }.joined(separator: "-")
        result.rewrite = route.rewrite ?? root.rewrite
        result.redirect = route.redirect ?? root.redirect
        result.directResponse = route.directResponse ?? root.directResponse
        result.timeout = route.timeout ?? root.timeout
        result.retries = route.retries ?? root.retries
        result.fault = route.fault ?? root.fault
        result.corsPolicy = route.corsPolicy ?? root.corsPolicy
        result.headers = route.headers ?? root.headers
        if route.mirror == nil, route.mirrors.isEmpty {
            result.mirror = root.mirror
            result.mirrors = root.mirrors
        }
        result.mirrorPercentage = route.mirrorPercentage ?? root.mirrorPercentage
        return result
    }

    /// The matches that hold where one of each side does; nil where a match of the delegate is within none of the root's.
    private static func merge(
        root: [VirtualServiceSpec.HTTPMatch], delegate: [VirtualServiceSpec.HTTPMatch]
    ) -> [VirtualServiceSpec.HTTPMatch]? {
        if root.isEmpty { return delegate }
        if delegate.isEmpty { return root }
        var merged: [VirtualServiceSpec.HTTPMatch] = []
        for match in delegate {
            let within = root.compactMap { merge(root: $0, delegate: match) }
            guard !within.isEmpty else { return nil }
            merged += within
        }
        return merged
    }

    private static func merge(
        root: VirtualServiceSpec.HTTPMatch, delegate: VirtualServiceSpec.HTTPMatch
    ) -> VirtualServiceSpec.HTTPMatch? {
        var result = delegate
        result.name = [root.name, delegate.name].filter { !$0.isEmpty }.joined(separator: "-")
        guard root.ignoreUriCase == delegate.ignoreUriCase else { return nil }
        do throws(Conflict) {
            result.uri = try merge(root.uri, delegate.uri)
            result.scheme = try merge(root.scheme, delegate.scheme)
            result.method = try merge(root.method, delegate.method)
            result.authority = try merge(root.authority, delegate.authority)
            result.headers = try merge(root.headers, delegate.headers)
            result.withoutHeaders = try merge(root.withoutHeaders, delegate.withoutHeaders)
            result.queryParams = try merge(root.queryParams, delegate.queryParams)
        } catch {
            return nil
        }
        if let port = root.port, let other = delegate.port, port != other { return nil }
        result.port = delegate.port ?? root.port
        // The delegate must say it itself, as Istio has it.
        if let namespace = root.sourceNamespace, namespace != delegate.sourceNamespace { return nil }
        for (label, value) in root.sourceLabels {
            guard delegate.sourceLabels[label] == nil || delegate.sourceLabels[label] == value else { return nil }
            result.sourceLabels[label] = value
        }
        if !root.gateways.isEmpty {
            guard Set(delegate.gateways).isSubset(of: root.gateways) else { return nil }
            if delegate.gateways.isEmpty { result.gateways = root.gateways }
        }
        if result.statPrefix.isEmpty { result.statPrefix = root.statPrefix }
        return result
    }

    private struct Conflict: Error {}

    private static func merge(
        _ root: [String: TextMatch], _ delegate: [String: TextMatch]
    ) throws(Conflict) -> [String: TextMatch] {
        var result = delegate
        for (name, match) in root { result[name] = try merge(match, delegate[name]) }
        return result
    }

    /// The condition that implies the root's; throws where the delegate's own does not.
    private static func merge(_ root: TextMatch?, _ delegate: TextMatch?) throws(Conflict) -> TextMatch? {
        guard let root, let delegate else { return delegate ?? root }
        switch (root, delegate) {
        case (.present, _): return delegate
        case (.exact(let wide), .exact(let narrow)) where wide.utf8.elementsEqual(narrow.utf8): return delegate
        case (.prefix(let wide), .exact(let narrow)), (.prefix(let wide), .prefix(let narrow)):
            guard narrow.utf8.starts(with: wide.utf8) else { throw Conflict() }
            return delegate
        default: throw Conflict()
        }
    }
}
