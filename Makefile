# Kalpis.  `make help` lists the targets.
#
# Variables a person may set: CC (gcc or clang), BUILD (where things land), PREFIX, V=1 (show
# commands), SAN=1 (AddressSanitizer and UBSan), OPT (optimisation flags).

BUILD  ?= build
PREFIX ?= /usr/local
OPT    ?= -O2 -g
V      ?=
Q      := $(if $(V),,@)

ifeq ($(origin CC),default)
CC := gcc
endif

# The language, and every warning the design names.  Third-party headers come in by -isystem.
CSTD  := -std=c17 -D_GNU_SOURCE
WARN  := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wvla -Wstrict-prototypes \
         -Wmissing-prototypes -Wundef -Wswitch-enum -Werror
HARD  := -fPIE -fstack-protector-strong -fno-common -fstack-clash-protection -fcf-protection
FORT  := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
LHARD := -pie -Wl,-z,relro,-z,now,-z,noexecstack
ifdef SAN
SANF  := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
FORT  :=
endif
CPPFLAGS_ALL := -I. -isystem /usr/include/decaf $(CPPFLAGS)
CFLAGS_ALL   := $(CSTD) $(WARN) $(OPT) $(FORT) $(HARD) $(SANF) $(CFLAGS)
LDFLAGS_ALL  := $(LHARD) $(SANF) $(LDFLAGS)

# --- the house -------------------------------------------------------------------------------
# One archive a floor; the links below say which program may use which door.
CRYPTO_SRC := $(wildcard crypto/*.c)
COMMON_SRC := $(wildcard common/base/*.c common/wire/*.c common/ledger/*.c common/election/*.c)
NET_SRC    := $(wildcard common/net/*.c)
obj = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))

LIBCRYPTO := $(BUILD)/lib/libkcrypto.a
LIBCOMMON := $(BUILD)/lib/libkcommon.a
LIBNET    := $(BUILD)/lib/libknet.a

CRYPTO_LIBS := -ldecaf -lgmp -lsodium
COMMON_LIBS := -lsqlite3 -ljansson -linih -lunistring -lqrencode
NET_LIBS    := -lzmq
KIOSK_LIBS  := -lncursesw -lpanelw -ltinfo

include mk/programs.mk
include mk/tests.mk
include mk/deps.mk
include mk/lint.mk

.PHONY: all clean help install
all: $(PROGRAMS)

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(if $(V),,@echo "  cc    $<")
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$(LIBCRYPTO): $(call obj,$(CRYPTO_SRC))
$(LIBCOMMON): $(call obj,$(COMMON_SRC))
$(LIBNET): $(call obj,$(NET_SRC))
$(BUILD)/lib/%.a:
	@mkdir -p $(@D)
	$(if $(V),,@echo "  ar    $@")
	$(Q)rm -f $@ && $(AR) rcs $@ $(filter %.o,$^)

clean:
	rm -rf $(BUILD)

install: all
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 0755 $(PROGRAMS) $(DESTDIR)$(PREFIX)/bin

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
