# How long things take: tests/bench/bench_*.c print figures and judge nothing.
BENCH_CRYPTO := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/bench/bench_*.c))

$(BENCH_CRYPTO): $(BUILD)/tests/bench/%: $(BUILD)/obj/tests/bench/%.o $(LIBCRYPTO)
	@mkdir -p $(@D)
	$(if $(V),,@echo "  link  $@")
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $< $(LIBCRYPTO) $(CRYPTO_LIBS)

.PHONY: bench
bench: $(BENCH_CRYPTO)   ## print what the operations of the groups cost
	$(Q)for b in $(BENCH_CRYPTO); do $$b || exit 1; done
