#!/bin/bash
# Generates Sources/MeshAPI/Generated (messages) and Sources/ControlPlane/Generated (gRPC servers) from Sources/MeshAPI/Protos.
# Usage: Sources/MeshAPI/generate.sh [PACKAGE]    PACKAGE is the package directory whose .build is used (default: this one).
# Both plugins are built from the versions that Package.resolved names. Needs protoc (apt: protobuf-compiler).
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
package=${1:-$root}

swift build --package-path "$package" --product protoc-gen-swift
swift build --package-path "$package" --product protoc-gen-grpc-swift-2
plugins=$(swift build --package-path "$package" --show-bin-path)
well_known=$package/.build/checkouts/swift-protobuf/Protos/Sources/SwiftProtobuf

messages=$here/Generated
servers=$root/Sources/ControlPlane/Generated
mkdir -p "$messages" "$servers"
rm -f "$messages"/*.pb.swift "$servers"/*.grpc.swift

protoc --proto_path="$here/Protos" --proto_path="$well_known" \
  --plugin=protoc-gen-swift="$plugins/protoc-gen-swift" \
  --swift_opt=Visibility=Package --swift_opt=UseAccessLevelOnImports=true \
  --swift_out="$messages" "$here"/Protos/*.proto

protoc --proto_path="$here/Protos" --proto_path="$well_known" \
  --plugin=protoc-gen-grpc-swift-2="$plugins/protoc-gen-grpc-swift-2" \
  --grpc-swift-2_opt=Visibility=Package,UseAccessLevelOnImports=true,Client=false,Server=true \
  --grpc-swift-2_opt=ExtraModuleImports=MeshAPI \
  --grpc-swift-2_out="$servers" \
  "$here/Protos/discovery.proto" "$here/Protos/ca.proto" "$here/Protos/ambit_node.proto"

# What the generated code was made from; a test compares.
(cd "$here/Protos" && sha256sum *.proto > generated-from.sha256)
