# Constant time, as far as valgrind can see it: tests/ct/ct_*.c mark their secrets as undefined.
comma := ,
# Debian 12's valgrind cannot read what clang writes for debuggers: names of functions must do there.
CT_STRIP := $(if $(findstring clang,$(CC)),-Wl$(comma)--strip-debug)
CT := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/ct/ct_*.c))

$(CT): $(BUILD)/tests/ct/%: $(BUILD)/obj/tests/ct/%.o $(LIBCOMMON) $(LIBCRYPTO)
	@mkdir -p $(@D)
	$(if $(V),,@echo "  link  $@")
	$(Q)$(CC) $(LDFLAGS_ALL) $(CT_STRIP) -o $@ $< $(LIBCOMMON) $(LIBCRYPTO) $(CRYPTO_LIBS)

.PHONY: ct
ct: $(CT)   ## under valgrind: no branch and no address depends on a secret
	$(Q)for t in $(CT); do \
		valgrind --quiet --error-limit=no --suppressions=tests/ct/libdecaf.supp --log-file=$$t.log $$t || \
			{ echo "the places: $$t.log"; exit 1; }; \
	done
