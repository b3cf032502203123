import CommandLineTool
import Glibc

exit(await CommandRunner.run(Array(CommandLine.arguments.dropFirst()), in: .process))
