import Glibc
package import MeshRuntime

extension EventLoop {
    /// Posts work that must not be lost. Where the queue is full it waits for room, so it is only called on threads that may
    /// block: the namespace thread, the resolver, and workers at the end of a workload.
    package func submitAlways(_ work: @escaping @Sendable () -> Void) {
        while !submit(work) { usleep(1_000) }
    }
}
