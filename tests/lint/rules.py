"""
rules.py: the tables that lint.py holds the house to (docs/house.md).

Data only.  A path ending in "/" names a folder and all below it.  The longest prefix wins.
"""

# The folders of the product, and where else C is written.
PRODUCT = ["crypto/", "common/", "tally-server/", "voter-client/"]
TREES = PRODUCT + ["tests/"]
SKIP = ["tests/lint/cases/", "build/", ".git/"]

# Scripts and makefiles, by pattern.
SCRIPTS = ["Makefile", ".ci/*", "tests/*.mk", "tests/*/*.mk", "tests/run", "tests/*/*.py",
           "tests/*/*.sh", "tests/*/run", "tests/binaries/*", "tests/e2e/*",
           "tests/ct/test_*", "tests/model/test_*", "tests/model/*.pml", "tests/bench/nodes"]

# The staircase: who may reach whom.  "-" takes away again.
ALL_COMMON = ["crypto/", "common/"]
OFF_NET = ["crypto/", "common/", "-common/net/"]
TEST_AIDS = ["tests/unit/lib/", "tests/vectors/"]
STAIRCASE = {
    "crypto/": ["crypto/"],
    "common/": OFF_NET,
    "common/net/": ALL_COMMON,
    "tally-server/": ALL_COMMON + ["tally-server/"],
    "tally-server/consensus/": OFF_NET + ["-common/base/file.h", "-common/base/clock.h",
                                          "-common/base/log.h", "tally-server/consensus/"],
    "tally-server/trustee/": OFF_NET + ["tally-server/trustee/"],
    "tally-server/officer/": OFF_NET + ["tally-server/officer/"],
    "voter-client/": ALL_COMMON + ["voter-client/"],
    "voter-client/observer/": OFF_NET + ["voter-client/observer/"],
    "voter-client/observer/follow/": ALL_COMMON + ["voter-client/observer/"],
    "tests/unit/crypto/": ["crypto/"] + TEST_AIDS,
    "tests/unit/common/": OFF_NET + TEST_AIDS,
    "tests/unit/net/": ALL_COMMON + TEST_AIDS,
    "tests/unit/server/": ALL_COMMON + ["tally-server/", "tests/sim/", "tests/model/",
                                          "tests/unit/server/"] + TEST_AIDS,
    "tests/unit/client/": ALL_COMMON + ["voter-client/"] + TEST_AIDS,
}

# The doors: (what the compiler reports of a system header, who may reach it).
DOORS = [
    ("gmp", r"/gmp(-[^/]*)?\.h$", ["crypto/*.c"]),
    ("decaf", r"/decaf(/|\.h$)", ["crypto/*.c"]),
    ("sodium", r"/sodium(/[^/]+)?\.h$", ["crypto/*.c", "tests/unit/crypto/test_*_differential.c"]),
    ("zmq", r"/zmq(_utils)?\.h$", ["common/net/", "tests/unit/net/"]),
    ("sqlite", r"/sqlite3(ext)?\.h$", ["common/ledger/store_db.c", "tests/unit/common/test_store_guards.c"]),
    ("ncurses", r"/(n?curses|panel|term|menu|form)\.h$", ["voter-client/kiosk/tty.c"]),
    ("jansson", r"/jansson\.h$", ["common/base/json.c", "common/base/json.h",
                                  "common/election/jnode.c", "common/election/jnode.h",
                                  "common/election/card.c", "common/election/definition.c",
                                  "common/election/manifest_load.c",
                                  "common/election/manifest_load.h",
                                  "common/election/manifest_cards.c",
                                  "common/election/manifest_ballots.c",
                                  "voter-client/observer/report.c",
                                  "voter-client/observer/belenios_report.c"]),
    ("inih", r"/ini\.h$", ["common/base/conf.c"]),
    ("qrencode", r"/qrencode\.h$", ["common/base/qr.c"]),
    ("unistring", r"/uni(str|norm|width|type|conv|ctype|case|grbrk|lbrk|wbrk|name)\.h$",
     ["common/base/text.c"]),
    ("cairo", r"/cairo(-[^/]*)?\.h$", ["voter-client/observer/sheet.c"]),
    ("microhttpd", r"/microhttpd\.h$", ["voter-client/observer/serve.c"]),
    ("systemd", r"/systemd/", ["tally-server/node/service.c"]),
    ("seccomp", r"/seccomp\.h$", ["common/base/sandbox_calls.c"]),
    ("landlock", r"/landlock\.h$", ["common/base/sandbox_folders.c"]),
]

# Link lines: what a program must not be linked with.
OFFLINE = ["knet", "zmq", "ncurses", "ncursesw", "panel", "panelw"]
LINKS = {
    "voter-observer": OFFLINE,
    "tally-trustee": OFFLINE,
    "tally-officer": OFFLINE,
    "tally-server": ["ncurses", "ncursesw", "panel", "panelw"],
    "tally-signer": OFFLINE + ["sqlite3", "jansson", "inih"],
    "voter-follow": ["ncurses", "ncursesw", "panel", "panelw"],
}

# Calls that nobody makes, with what to do instead.
BANNED = {
    "strcpy": "snprintf or memcpy with a length", "stpcpy": "memcpy with a length",
    "strcat": "snprintf", "strncat": "snprintf", "strncpy": "memcpy with a length",
    "sprintf": "snprintf", "vsprintf": "vsnprintf", "gets": "getline",
    "atoi": "a parser that reports errors", "atol": "a parser that reports errors",
    "atoll": "a parser that reports errors", "atof": "no floating point",
    "scanf": "struct reader", "sscanf": "a parser that reports errors",
    "fscanf": "a parser that reports errors",
    "strtok": "a cursor of your own", "strtok_r": "a cursor of your own",
    "system": "posix_spawn", "popen": "posix_spawn", "rand": "rng_bytes", "srand": "rng_bytes",
    "random": "rng_bytes", "srandom": "rng_bytes", "rand_r": "rng_bytes", "drand48": "rng_bytes",
    "alloca": "caller-owned memory", "tmpnam": "file_write", "mktemp": "file_write",
    "tempnam": "file_write", "asctime": "strftime", "ctime": "strftime",
    "localtime": "gmtime_r", "gmtime": "gmtime_r",
}
# Code that is linked at run time escapes the link lines.
BANNED.update({name: "link it, so that the link line shows it" for name in ("dlopen", "dlsym")})
# Only tests jump: cmocka wants <setjmp.h>.
BANNED_PRODUCT = {name: "an outcome is an enum status" for name in
                  ("setjmp", "sigsetjmp", "longjmp", "siglongjmp", "abort_handler_s")}

# Folders whose memory may hold group elements, which ask for more than calloc's alignment.
ALIGNED = ["common/belenios/", "common/election/", "tally-server/", "voter-client/"]

# Floors that do not allocate, and the files that must.
ALLOCATING = ["malloc", "calloc", "realloc", "reallocarray", "free", "aligned_alloc",
              "posix_memalign", "strdup", "strndup", "asprintf", "vasprintf", "sodium_malloc",
              "sodium_allocarray", "sodium_free"]
NO_ALLOCATION = {
    "crypto/": ["crypto/mem.c", "crypto/group_modp.c"],
    "tally-server/consensus/": [],
}

# Floors that are pure: no files, sockets or clocks.
IMPURE = ["open", "openat", "creat", "fopen", "fdopen", "read", "write", "pread", "pwrite",
          "socket", "connect", "bind", "send", "recv", "poll", "select", "printf", "fprintf",
          "puts", "fputs", "time", "clock", "clock_gettime", "gettimeofday", "sleep", "usleep",
          "nanosleep", "getenv", "fork"]
PURE = ["crypto/", "tally-server/consensus/"]

# One file reads clocks.
CLOCKS = ["time", "clock", "clock_gettime", "gettimeofday", "timespec_get", "ftime"]
CLOCK_FILE = "common/base/clock.c"

# memcmp tells where two strings differ: in crypto/ mem_is_equal, except on what is public.
MEMCMP_ALLOWED = {}

FILE_LINES = 800
FUNCTION_LINES = 70
COLUMNS = 100
TAB = 4   # .editorconfig
