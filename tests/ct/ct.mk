# Constant time, as far as valgrind can see it: tests/ct/ct_*.c mark their secrets as undefined.
comma := ,
# Debian 12's valgrind cannot read what clang writes for debuggers: names of functions must do there.
CT_STRIP := $(if $(findstring clang,$(CC)),-Wl$(comma)--strip-debug)
CT := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/ct/ct_*.c))

$(CT): $(BUILD)/tests/ct/%: $(BUILD)/obj/tests/ct/%.o $(LIBCOMMON) $(LIBCRYPTO)
	@mkdir -p $(@D)
	$(if $(V),,@echo "  link  $@")
	$(Q)$(CC) $(LDFLAGS_ALL) $(CT_STRIP) $(CT_WRAP) -o $@ $< $(CT_AR) $(LIBCOMMON) $(LIBCRYPTO) $(CT_LIBS) $(CRYPTO_LIBS)

# What a maker publishes is no secret from there on: these calls say so to memcheck (ct_ceremony.c).
wrap = $(patsubst %,-Wl$(comma)--wrap=%,$(1))
$(BUILD)/tests/ct/ct_ceremony: CT_WRAP := $(call wrap,pok_verify dleq_prove dleq_verify)
$(BUILD)/tests/ct/ct_kiosk: CT_WRAP := $(call wrap,ballotproof_verify)
$(BUILD)/tests/ct/ct_belenios: CT_WRAP := $(call wrap,decimal_element_write_var rng_scalar)
# A kiosk needs an election.
$(BUILD)/tests/ct/ct_kiosk: $(LIBTEST)
$(BUILD)/tests/ct/ct_kiosk: CT_AR := $(LIBTEST)
$(BUILD)/tests/ct/ct_kiosk: CT_LIBS := $(COMMON_LIBS) -lcmocka

.PHONY: ct
ct: $(CT)   ## under valgrind: no branch and no address depends on a secret
	$(Q)BUILD=$(BUILD) tests/ct/test_constant_time

# Valgrind and the sanitizers do not go together.
ifndef SAN
test-build: $(CT)
endif
