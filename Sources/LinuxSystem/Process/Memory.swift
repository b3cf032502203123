internal import CLinux

/// Memory that goes back to the kernel when it is not used, and what the heap holds.
package enum Memory {
    /// Anonymous pages, zeroed; nil when the kernel has none. Give back with `unmap`.
    package static func map(_ count: Int) -> UnsafeMutableRawPointer? {
        unsafe clinux_map(count)
    }

    /// Gives `count` bytes from `map` back.
    package static func unmap(_ base: UnsafeMutableRawPointer, _ count: Int) {
        unsafe clinux_unmap(base, count)
    }

    /// Keeps the mapping but drops its pages: they read as zero when touched again.
    package static func dropPages(_ base: UnsafeMutableRawPointer, _ count: Int) {
        unsafe clinux_drop_pages(base, count)
    }

    /// Gives free pages of the heap back; takes milliseconds on a large heap.
    package static func trimHeap() { clinux_trim_heap() }

    /// Gives up the pages of the program's code that are resident, and free pages of the heap. For the end of work that
    /// is done once, such as the start: what is needed again comes back from the page cache, page by page.
    ///
    /// Sound: code is mapped from the file, read-only and never written, so dropped pages read the same again.
    package static func returnAfterStart() {
        clinux_trim_heap()
        clinux_drop_program_pages()
    }

    /// Bytes that the heap has handed out. For tests and metrics.
    package static var heapBytesInUse: UInt64 { clinux_heap_bytes_in_use() }

    /// What the allocator set aside for `object`. For tests.
    package static func allocationSize(of object: AnyObject) -> Int {
        unsafe clinux_allocation_size(Unmanaged.passUnretained(object).toOpaque())
    }
}
