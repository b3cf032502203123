/// Registers the service under its own name.
extension NodeReportService: Ambit_Node_V1_NodeService.ServiceProtocol {}
