# town.bash: a town with an election, for scripts: N nodes on this machine, made with the real
# programs and driven to any phase.  Sourced by tests/e2e/test_*.
#
#	town_new DIR N T         keys, cards, manifest, genesis, node.ini of N nodes
#	town_start I [VAR=VALUE...], town_stop I, town_kill I, town_wait_up
#	town_ceremony            all trustees, all four steps
#	town_enrol VOTERS        roll and one kiosk
#	town_step STEP           propose, approve by T trustees, submit, wait
#	town_ballots             one file for each voter, made beforehand
#	town_export I            $town/election.kalpis as node I has it
#
# Nodes and trustees are numbered from 1; `status I KEY` prints one value of a node's status.

build=${BUILD:-build}
case $build in /*) ;; *) build=$PWD/$build ;; esac
# The programs, but for key files that cost little to open (tests.mk); a script that is to have
# those that people run says: shipped=1
bin=$build/cheap
[ -z "${shipped:-}" ] || bin=$build
server=$bin/tally-server trustee=$bin/tally-trustee officer=$bin/tally-officer
cast=$build/tests/e2e/cast
passed=0 failed=0
town_pids=()

pass() { passed=$((passed + 1)); echo "[       OK ] $1"; }
fail() { failed=$((failed + 1)); echo "[  FAILED  ] $1"; }

# sentence, command...: the sentence holds if the command does
holds() {
	local sentence=$1
	shift
	if "$@" >"$town/said" 2>&1; then pass "$sentence"; else fail "$sentence"; cat "$town/said"; fi
}

# exit code, sentence, command...: what it said is then in $town/answer
exits() {
	local want=$1 sentence=$2 got=0
	shift 2
	"$@" >"$town/answer" 2>&1 || got=$?
	if [ "$got" -eq "$want" ]; then pass "$sentence"; else
		fail "$sentence"; echo "exit $got instead of $want:"; cat "$town/answer"
	fi
}

die() {
	echo "cannot go on: $*"
	[ -f "$town/said" ] && tail -n 20 "$town/said"
	for i in $(seq "$n"); do tail -n 5 "$town/node$i/log" 2>/dev/null; done
	fail "the stage of the tests stands"
	exit 1
}
must() { "$@" >"$town/said" 2>&1 || die "$*"; }

# A shell just forked for a program runs this too, if a signal comes before the program does.
town_end() {
	local i
	[ "$BASHPID" = "$$" ] || return 0
	for i in $(jobs -p); do kill -9 "$i" 2>/dev/null; done
	wait 2>/dev/null
	if [ -n "${KEEP:-}" ]; then echo "kept: $town"; else rm -rf "$town"; fi
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ]
}

# A base port for each node: blocks of 28 that nobody listens in.  Towns that are set up at the same
# time look in different places: one of 16, by the number of the shell.
free_ports() {
	python3 - "$1" "$$" <<'END'
import random, socket, sys
wanted, found = int(sys.argv[1]), []
first = 20000 + int(sys.argv[2]) % 16 * 26 * 28
while len(found) < wanted:
    base = random.randrange(first, first + 26 * 28, 28)
    try:
        for port in range(base, base + 28):
            with socket.socket() as s:
                s.bind(("127.0.0.1", port))
        if base not in found:
            found.append(base)
    except OSError:
        pass
print(*found)
END
}

town_definition() {   # voters choose 1 of 5
	local i cards=""
	for i in $(seq "$n"); do cards="$cards${cards:+, }\"t$i.card\""; done
	cat <<END
{ "title": {"en": "Town council"}, "languages": ["en"], "suite": "ristretto255",
  "threshold": $t, "trustees": [$cards], "registrar": "registrar.card", "officer": "officer.card",
  ${town_extra:-}
  "units": [{"id": "town", "name": {"en": "Town"}}],
  "styles": [{"id": "town", "unit": "town", "contests": ["mayor"]}],
  "contests": [{"id": "mayor", "type": "choose", "min": 1, "max": 1, "title": {"en": "Mayor"},
    "options": [{"id": "a", "name": {"en": "Ada"}}, {"id": "b", "name": {"en": "Alan"}},
                {"id": "c", "name": {"en": "Emmy"}}, {"id": "d", "name": {"en": "Kurt"}},
                {"id": "e", "name": {"en": "Sofia"}}]}] }
END
}

town_new() {
	town=$1 n=$2 t=$3
	local i ports sigs=()
	mkdir -p "$town"
	trap town_end EXIT
	printf 'a passphrase of tests\n' >"$town/pass"
	read -ra ports <<<"$(free_ports "$n")"
	for i in $(seq "$n"); do
		must "$server" keygen --out "$town/node$i" -p "$town/pass"
		must "$trustee" keygen -k "$town/t$i.key" -p "$town/pass"
		must "$trustee" card -k "$town/t$i.key" -p "$town/pass" -n "$town/node$i/node.pub" \
			-N "Trustee $i" -A "127.0.0.1:${ports[i - 1]}" -o "$town/t$i.card"
		cat >"$town/node$i/node.ini" <<END
[node]
key = node.key
passphrase_file = ../pass
genesis = ../genesis.kalpis
data = data
[net]
bind = 127.0.0.1
delta_ms = ${town_delta:-100}
END
	done
	must "$officer" keygen -r registrar -N Registrar -k "$town/registrar.key" \
		-o "$town/registrar.card" -p "$town/pass"
	must "$officer" keygen -r officer -N Officer -k "$town/officer.key" -o "$town/officer.card" \
		-p "$town/pass"
	town_definition >"$town/definition.json"
	must "$officer" define "$town/definition.json" -o "$town/manifest.json"
	print=$(sed -n 's/^fingerprint=//p' "$town/said")
	for i in $(seq "$n"); do
		must "$trustee" sign-genesis -k "$town/t$i.key" -p "$town/pass" -f "$print" \
			-m "$town/manifest.json" -o "$town/t$i.sig" -y
		sigs+=("$town/t$i.sig")
	done
	must "$officer" genesis -m "$town/manifest.json" -o "$town/genesis.kalpis" "${sigs[@]}"
}

town_start() {   # node, environment...
	local i=$1 comm=
	shift
	env "$@" "$server" --config "$town/node$i/node.ini" 2>>"$town/node$i/log" &
	town_pids[i]=$!
	# A signal that comes while it is still a fork of this shell is lost, or taken for ours.
	while kill -0 $! 2>/dev/null && [ "$comm" != tally-server ]; do
		sleep 0.01
		read -r comm <"/proc/$!/comm"
	done 2>/dev/null
}

status() { "$server" status --config "$town/node$1/node.ini" 2>/dev/null | sed -n "s/^$2=//p"; }

# seconds, command...: until it holds
within() {
	local until=$((SECONDS + $1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$until" ] || return 1
		sleep 0.1
	done
}

is_up() { [ -n "$(status "$1" height)" ]; }
has_peers() { [ "$(status "$1" peers)" = "$2" ]; }
at_height() { local h; h=$(status "$1" height); [ "${h:-0}" -ge "$2" ]; }
in_phase() { [ "$(status "$1" phase)" = "$2" ]; }
same_head() { local a b; a=$(status "$1" head); b=$(status "$2" head); [ -n "$a" ] && [ "$a" = "$b" ]; }

town_wait_up() {
	local i
	for i in $(seq "$n"); do
		within 30 is_up "$i" || die "node $i does not come up"
		within 30 has_peers "$i" $((n - 1)) || die "node $i does not see all others"
	done
}

# A number is forgotten with its process: another one may have it soon.
town_end_node() {   # signal, node
	local pid=${town_pids[$2]:-}
	town_pids[$2]=
	[ -z "$pid" ] || kill "-$1" "$pid" 2>/dev/null
	[ -z "$pid" ] || wait "$pid" 2>/dev/null
}
town_stop() { town_end_node TERM "$1"; }
town_kill() { town_end_node KILL "$1"; }

town_export() {
	must "$server" export --config "$town/node$1/node.ini" --out "$town/election.kalpis" --replace
}

submit() {   # node, file...
	local i=$1
	shift
	"$server" submit --config "$town/node$i/node.ini" --wait 60 "$@"
}

town_ceremony() {
	local step i
	for step in commit deal complain confirm; do
		town_export 1
		for i in $(seq "$n"); do
			rm -f "$town/t$i.$step"
			must "$trustee" ceremony -k "$town/t$i.key" -p "$town/pass" \
				-a "$town/election.kalpis" -o "$town/t$i.$step" -y
		done
		must submit 1 "$town"/t*."$step"
	done
	in_phase 1 enrolment || die "the ceremony did not end"
}

town_enrol() {   # voters
	local i
	for i in $(seq "$1"); do echo "town 1 envelope $i"; done >"$town/voters"
	town_export 1
	must "$officer" enrol -k "$town/registrar.key" -p "$town/pass" -a "$town/election.kalpis" \
		-f "$print" -v "$town/voters" -o "$town/roll"
	must "$cast" keygen "$town/kiosk.secret" "$town/kiosk.pub"
	must "$officer" device -k "$town/officer.key" -p "$town/pass" -a "$town/election.kalpis" \
		-f "$print" -n 0 -d "$town/kiosk.pub" -l "Town hall" -o "$town/kiosk.tx"
	must submit 1 "$town"/roll/roll-*.tx "$town/kiosk.tx"
}

town_step() {   # step, [node]
	local step=$1 node=${2:-1} i approvals=()
	town_export "$node"
	rm -f "$town/$step".*
	must "$officer" propose "$step" -a "$town/election.kalpis" -f "$print" -o "$town/$step.proposal"
	for i in $(seq "$t"); do
		must "$trustee" approve -k "$town/t$i.key" -p "$town/pass" -a "$town/election.kalpis" \
			-o "$town/$step.approval$i" -y "$town/$step.proposal"
		approvals+=("$town/$step.approval$i")
	done
	must "$officer" propose --combine "$town/$step.proposal" -a "$town/election.kalpis" -f "$print" \
		-o "$town/$step.tx" "${approvals[@]}"
	must submit "$node" "$town/$step.tx"
}

town_ballots() {
	town_export 1
	mkdir -p "$town/ballots"
	must "$cast" make "$town/election.kalpis" "$town/kiosk.secret" "$town/ballots" "$town"/roll/cards/*
}

town_shares() {   # node
	local i
	town_export "$1"
	for i in $(seq "$t"); do
		must "$trustee" decrypt -k "$town/t$i.key" -p "$town/pass" -a "$town/election.kalpis" \
			-o "$town/t$i.share" -y
	done
	must submit "$1" "$town"/t*.share
}
