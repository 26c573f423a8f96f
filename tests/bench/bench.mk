# How long things take: tests/bench/bench_*.c print figures and judge nothing.
BENCHES := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/bench/bench_*.c))

$(BENCHES): $(BUILD)/tests/bench/%: $(BUILD)/obj/tests/bench/%.o $(LIBTEST) $(LIBSERVER) $(LIBCOMMON) $(LIBCRYPTO)
	@mkdir -p $(@D)
	$(if $(V),,@echo "  link  $@")
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $< $(LIBTEST) $(LIBSERVER) $(LIBCOMMON) $(LIBCRYPTO) $(COMMON_LIBS) $(CRYPTO_LIBS) -lcmocka

.PHONY: bench
bench: $(BENCHES)   ## print what operations cost, in units of one decoding of a point
	$(Q)for b in $(BENCHES); do $$b || exit 1; done
