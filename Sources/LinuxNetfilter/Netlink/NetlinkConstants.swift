/// The numbers of netlink that this module uses, named once (linux/netlink.h, rtnetlink.h, fib_rules.h, inet_diag.h).
enum NetlinkConstants {
    // Header flags.
    static let request: UInt16 = 0x0001
    static let acknowledge: UInt16 = 0x0004
    static let dumpInterrupted: UInt16 = 0x0010
    static let replace: UInt16 = 0x0100
    static let capped: UInt16 = 0x0100
    static let exclusive: UInt16 = 0x0200
    static let extendedAcknowledgement: UInt16 = 0x0200
    static let dump: UInt16 = 0x0300
    static let create: UInt16 = 0x0400

    // Message types.
    static let noOperation: UInt16 = 0x1
    static let error: UInt16 = 0x2
    static let done: UInt16 = 0x3
    static let newLink: UInt16 = 16
    static let getLink: UInt16 = 18
    static let newAddress: UInt16 = 20
    static let getAddress: UInt16 = 22
    static let newRoute: UInt16 = 24
    static let deleteRoute: UInt16 = 25
    static let newRule: UInt16 = 32
    static let deleteRule: UInt16 = 33
    static let getRoute: UInt16 = 26
    static let diagnoseSockets: UInt16 = 20

    // Attributes.
    static let interfaceName: UInt16 = 3
    static let address: UInt16 = 1
    static let localAddress: UInt16 = 2
    static let routeDestination: UInt16 = 1
    static let routeInterface: UInt16 = 4
    static let routeTable: UInt16 = 15
    static let rulePriority: UInt16 = 6
    static let ruleMark: UInt16 = 10
    static let ruleTable: UInt16 = 15
    static let ruleMask: UInt16 = 16
    static let diagnosisMark: UInt16 = 15
    static let diagnosisControlGroup: UInt16 = 21
    static let acknowledgementMessage: UInt16 = 1

    // Values.
    static let scopeUniverse: UInt8 = 0
    static let scopeLink: UInt8 = 253
    static let scopeHost: UInt8 = 254
    static let routeLocal: UInt8 = 2
    static let protocolStatic: UInt8 = 4
    static let routeUnicast: UInt8 = 1
    static let mainTable: UInt32 = 254
    static let protocolTCP: UInt8 = 6
    static let stateListen: UInt8 = 10
    static let actionToTable: UInt8 = 1
    static let linkUp: UInt32 = 0x1
    static let attributeTypeMask: UInt16 = 0x3fff
}
