// What the HTTP/1.1 codec costs, without sockets:
//   WireBench [SECONDS]
// Prints nanoseconds for each kind of step. Build it with optimization; figures of a debug build say nothing.
import Glibc

func nanoseconds() -> Double {
    var time = timespec()
    // The processor's time: what else the machine does is not ours.
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
}

/// Runs `body` in batches for `seconds`, and prints what one run took.
func measure(_ name: String, seconds: Double, _ body: () -> Void) {
    let begin = nanoseconds()
    var runs = 0.0
    while nanoseconds() - begin < seconds * 1e9 {
        for _ in 0..<1_000 { body() }
        runs += 1_000
    }
    print("\(name): \(Int(((nanoseconds() - begin) / runs).rounded())) ns")
}

let seconds = CommandLine.arguments.count > 1 ? Double(CommandLine.arguments[1]) ?? 1 : 1
let exchange = Exchange()
guard exchange.works() else {
    print("the exchange does not work")
    exit(1)
}
print("request \(Exchange.request.count) bytes, response \(Exchange.response.count) bytes")
measure("request in, 204 out", seconds: seconds) { exchange.serve() }
measure("request out, response in", seconds: seconds) { exchange.ask() }
measure("request in and out, response in and out", seconds: seconds) { exchange.proxy() }
measure("path normalization, nothing to do", seconds: seconds) { exchange.normalize() }
