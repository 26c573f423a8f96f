#!/bin/sh
# deps.sh: the Debian 12 packages that Kalpis needs, each with its reason.
#
# deps.sh install GROUP...   install what is missing; silent when nothing is
# deps.sh check GROUP...     exit 1 and say what is missing; install nothing
# Groups: build (the programs), test (make lint, make test), fuzz (make fuzz), all.
set -eu

# group, package, reason
packages() {
	cat <<-'END'
	build gcc                the compiler
	build libc6-dev          the C library's headers
	build make               builds everything
	build libdecaf-dev       the group ristretto255, with points we can add
	build libsodium-dev      Ed25519, SHA-2, sealed files, random numbers, locked memory
	build libgmp-dev         the integer groups of Belenios elections
	build libzmq3-dev        the transport between kiosks, nodes and observers
	build libncurses-dev     the kiosk's screen
	build libunistring-dev   names in every script: validity, normal form, width
	build libsqlite3-dev     the block store
	build libjansson-dev     election definitions and reports in JSON
	build libinih-dev        configuration files of the nodes
	build libqrencode-dev    QR codes on slips and cards
	test  binutils           readelf: what is really in the binaries
	test  libcmocka-dev      unit tests
	test  valgrind           the constant-time check (make ct)
	test  python3            the lint, the reference verifier, whole elections
	test  spin               searches the model of consensus
	test  tmux               the full screen of the kiosk on a real terminal
	test  procps             pgrep, for the same
	test  iproute2           nodes in network namespaces of their own
	test  nftables           loss and cuts between them
	test  groff-base         the manual pages, read for faults
	test  belenios-tool      makes elections of others, and judges ours
	demo  python3            drives the election of the demo
	fuzz  clang              libFuzzer's compiler
	fuzz  libclang-rt-14-dev libFuzzer and its sanitizers
	END
}

action=${1:?install or check}
shift

missing="" reasons=""
while read -r group name reason; do
	case " $* all " in
	*" $group "*) ;;
	*) [ "${1:-}" = all ] || continue ;;
	esac
	dpkg-query -W -f='${Status}\n' "$name" 2>/dev/null | grep -q '^install ok installed' && continue
	missing="$missing $name"
	reasons="$reasons$(printf '\n  %-20s %s' "$name" "$reason")"
done <<END
$(command -v dpkg-query >/dev/null && packages)
END
[ -n "$missing" ] || exit 0

if [ "$action" = check ]; then
	echo "These Debian packages are missing, and Kalpis is built with them:$reasons" >&2
	echo "Next: make deps   (installs them; asks for your password if you are not root)" >&2
	exit 1
fi
echo "Kalpis installs these Debian packages, which are missing:$reasons"
run=""
if [ "$(id -u)" != 0 ]; then
	if ! command -v sudo >/dev/null; then
		echo "Installing needs root, and there is no sudo.  Next, as root: apt-get install$missing" >&2
		exit 77
	fi
	run="sudo"
fi
$run apt-get update -q
# shellcheck disable=SC2086
$run env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
