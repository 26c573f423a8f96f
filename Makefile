# Kalpis.  `make help` lists the targets.
#
# Variables a person may set: CC (gcc or clang), BUILD (where things land), PREFIX, DESTDIR,
# V=1 (show commands), JOBS (how many at once), SAN=1 (AddressSanitizer and UBSan), OPT
# (optimisation flags).
# Nothing is asked of the system while this file is read: it works before any package is there.

BUILD  ?= build
PREFIX ?= /usr/local
OPT    ?= -O2 -g
V      ?=
Q      := $(if $(V),,@)
ARCH   := $(shell uname -m)

ifeq ($(origin CC),default)
CC := gcc
endif

# The language, and every warning the design names.  Third-party headers come in by -isystem.
CSTD  := -std=c17 -D_GNU_SOURCE
WARN  := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wvla -Wstrict-prototypes \
         -Wmissing-prototypes -Wundef -Wswitch-enum -Werror
HARD  := -fPIE -fstack-protector-strong -fno-common -fstack-clash-protection
HARD  += $(if $(filter x86_64,$(ARCH)),-fcf-protection)
HARD  += $(if $(filter aarch64,$(ARCH)),-mbranch-protection=standard)
FORT  := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
LHARD := -pie -Wl,-z,relro,-z,now,-z,noexecstack,--as-needed
ifdef SAN
SANF  := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
FORT  := -U_FORTIFY_SOURCE
endif
ifdef FUZZ
SANF  += -fsanitize=fuzzer-no-link
endif
CPPFLAGS_ALL := -I. -isystem /usr/include/decaf $(CPPFLAGS)
CFLAGS_ALL   := $(CSTD) $(WARN) $(OPT) $(FORT) $(HARD) $(SANF) $(CFLAGS)
LDFLAGS_ALL  := $(LHARD) $(SANF) $(LDFLAGS)

# A target that builds by a second make uses JOBS cores: all of them, unless a person said how many.
JOBS ?= $(shell nproc)
SUBMAKE = $(MAKE) --no-print-directory $(if $(filter -j%,$(MAKEFLAGS)),,-j$(JOBS))

# --- the house -------------------------------------------------------------------------------
# One archive a floor; the links below say which program may use which door.
CRYPTO_SRC := $(wildcard crypto/*.c)
COMMON_SRC := $(wildcard common/base/*.c common/wire/*.c common/ledger/*.c common/election/*.c \
                         common/belenios/*.c)
NET_SRC    := $(wildcard common/net/*.c)
obj = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))

LIBCRYPTO := $(BUILD)/lib/libkcrypto.a
LIBCOMMON := $(BUILD)/lib/libkcommon.a
LIBNET    := $(BUILD)/lib/libknet.a

CRYPTO_LIBS := -ldecaf -lgmp -lsodium
COMMON_LIBS := -lsqlite3 -ljansson -linih -lunistring -lqrencode
NET_LIBS    := -lzmq
KIOSK_LIBS  := -lncursesw -lpanelw -ltinfo

.PHONY: all clean help install
.DEFAULT_GOAL := all

# --- the programs ----------------------------------------------------------------------------
# Which program is made of what.  A link line is a security claim: tests/lint reads these.
# Only programs whose main.c exists are built.

# $(call program,NAME,sources,archives,libraries)
define program
ifneq ($(wildcard $(firstword $(2))),)
PROGRAMS += $(BUILD)/$(1)
PARTS_$(1) := $(call obj,$(2)) $(3)
LIBS_$(1) := $(4)
$(BUILD)/$(1): $(call obj,$(2)) $(3)
	@mkdir -p $$(@D)
	$$(if $(V),,@echo "  link  $$@")
	$$(Q)$$(CC) $$(LDFLAGS_ALL) -o $$@ $(call obj,$(2)) $(3) $(4)
endif
endef

# Programs off the network: no libzmq.
OFFLINE_AR   := $(LIBCOMMON) $(LIBCRYPTO)
OFFLINE_LIBS := $(COMMON_LIBS) $(CRYPTO_LIBS)
# The signer needs no store and no JSON: only the keys and the log.
SIGNER_LIBS  := -lunistring $(CRYPTO_LIBS)
# Programs on the network.
ONLINE_AR    := $(LIBNET) $(LIBCOMMON) $(LIBCRYPTO)
ONLINE_LIBS  := $(NET_LIBS) $(COMMON_LIBS) $(CRYPTO_LIBS)

PROGRAMS :=
$(eval $(call program,voter-client,voter-client/kiosk/main.c $(filter-out voter-client/kiosk/main.c,$(wildcard voter-client/kiosk/*.c)),$(ONLINE_AR),$(ONLINE_LIBS) $(KIOSK_LIBS)))
$(eval $(call program,voter-observer,voter-client/observer/main.c $(filter-out voter-client/observer/main.c,$(wildcard voter-client/observer/*.c)),$(OFFLINE_AR),$(OFFLINE_LIBS)))
$(eval $(call program,voter-follow,voter-client/observer/follow/main.c $(filter-out voter-client/observer/follow/main.c,$(wildcard voter-client/observer/follow/*.c)),$(ONLINE_AR),$(ONLINE_LIBS)))
# The signer's two halves: what the node calls, and what holds the key.
SIGNER_NODE := tally-server/signer/remote.c tally-server/signer/remote_start.c tally-server/signer/talk.c
SIGNER_KEY  := $(addprefix tally-server/signer/,serve.c signer.c guard.c talk.c) tally-server/node/memory.c $(wildcard tally-server/node/wal*.c)
$(eval $(call program,tally-server,tally-server/node/main.c $(filter-out tally-server/node/main.c,$(wildcard tally-server/node/*.c)) $(wildcard tally-server/consensus/*.c) $(SIGNER_NODE),$(ONLINE_AR),$(ONLINE_LIBS)))
$(eval $(call program,tally-signer,tally-server/signer/main.c $(SIGNER_KEY),$(OFFLINE_AR),$(SIGNER_LIBS)))
$(eval $(call program,tally-trustee,tally-server/trustee/main.c $(filter-out tally-server/trustee/main.c,$(wildcard tally-server/trustee/*.c)),$(OFFLINE_AR),$(OFFLINE_LIBS)))
$(eval $(call program,tally-officer,tally-server/officer/main.c $(filter-out tally-server/officer/main.c,$(wildcard tally-server/officer/*.c)),$(OFFLINE_AR),$(OFFLINE_LIBS)))

# --- what Debian must bring ------------------------------------------------------------------
# .ci/deps.sh knows each package and its reason.
.PHONY: deps
deps:   ## install the Debian packages that are missing, saying what and why
	$(Q).ci/deps.sh install build test

# Before the first compilation: say what is missing rather than fail on a header.
$(BUILD)/.deps: .ci/deps.sh
	@mkdir -p $(@D)
	$(Q).ci/deps.sh check build
	@touch $@

# --- tests, lint, demo: each beside what it runs ---------------------------------------------
include tests/tests.mk
include tests/sim/sim.mk
include tests/model/model.mk
include tests/fuzz/fuzz.mk
include tests/bench/bench.mk
include tests/ct/ct.mk
include tests/demo/demo.mk
include tests/lint/lint.mk

# --- how ---------------------------------------------------------------------------------------

all: $(PROGRAMS)   ## build every program (the default)

$(BUILD)/obj/%.o: %.c | $(BUILD)/.deps
	@mkdir -p $(@D)
	$(if $(V),,@echo "  cc    $<")
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$(LIBCRYPTO): $(call obj,$(CRYPTO_SRC))
$(LIBCOMMON): $(call obj,$(COMMON_SRC))
$(LIBNET): $(call obj,$(NET_SRC))
$(BUILD)/lib/%.a: | $(BUILD)/.deps
	@mkdir -p $(@D)
	$(if $(V),,@echo "  ar    $@")
	$(Q)rm -f $@ && $(AR) rcs $@ $(filter %.o,$^)

clean:   ## remove what was built
	rm -rf $(BUILD)

MAN := $(wildcard docs/man/*.1 docs/man/*.5 docs/man/*.8)

install: all   ## copy programs and manual pages to PREFIX (/usr/local), under DESTDIR if set
	install -d "$(DESTDIR)$(PREFIX)/bin"
	$(foreach p,$(PROGRAMS),install -m 0755 $(p) "$(DESTDIR)$(PREFIX)/bin/" &&) true
	$(foreach m,$(MAN),install -D -m 0644 $(m) \
		"$(DESTDIR)$(PREFIX)/share/man/man$(subst .,,$(suffix $(m)))/$(notdir $(m))" &&) true

help:   ## this list
	@sed -n 's/^\([a-z][a-z-]*\):[^#]*## *\(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | \
		sort -u | expand -t 22

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
