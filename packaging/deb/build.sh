#!/bin/sh
# SPDX-License-Identifier: ISC
# build.sh [DIRECTORY]: make pflow_VERSION_ARCH.deb there (build-deb).
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
dir=${1:-$top/build-deb}
cmake -S "$top" -B "$dir" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo \
    -DCMAKE_INSTALL_PREFIX=/usr -DCMAKE_SKIP_INSTALL_RPATH=ON -DPFLOW_DEB=ON \
    -DPFLOW_CONTROL_SOCKET=/run/pflowd/pflowd.sock \
    -DPFLOW_BUILD_TESTS=OFF -DPFLOW_BUILD_EXAMPLES=OFF >/dev/null
cmake --build "$dir" -j 2
cd "$dir"
rm -f ./*.deb
cpack -G DEB >/dev/null
ls "$dir"/*.deb
