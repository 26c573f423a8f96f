#!/bin/sh
# Install the Debian packages that are missing.  Silent when nothing is missing.
set -eu
need="build-essential pkg-config libdecaf-dev libsodium-dev libgmp-dev libzmq3-dev libncurses-dev
libunistring-dev libsqlite3-dev libjansson-dev libinih-dev libqrencode-dev libcmocka-dev python3"
missing=""
for p in $need; do
	dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing="$missing $p"
done
[ -n "$missing" ] || exit 0
echo "Kalpis needs these Debian packages to build and test:$missing"
run=""
[ "$(id -u)" = 0 ] || run="sudo"
$run apt-get update -q
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive $run apt-get install -y -q --no-install-recommends $missing
