# How long things take: tests/bench/bench_*.c and tests/bench/nodes print figures and judge nothing
# (docs/bench.md).
BENCHES := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/bench/bench_*.c))
PROBE   := $(BUILD)/tests/bench/probe
UNIT    := $(BUILD)/obj/tests/bench/unit.o
# The node once more, which counts what it does to the disk and says to its peers.
COUNTED := $(BUILD)/tests/bench/tally-server

$(BENCHES) $(PROBE): $(BUILD)/tests/bench/%: $(BUILD)/obj/tests/bench/%.o $(UNIT) $(LIBTEST) $(LIBSERVER) $(LIBCOMMON) $(LIBCRYPTO)
	@mkdir -p $(@D)
	$(if $(V),,@echo "  link  $@")
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $< $(UNIT) $(LIBTEST) $(LIBSERVER) $(LIBCOMMON) $(LIBCRYPTO) $(COMMON_LIBS) $(CRYPTO_LIBS) -lcmocka

$(COUNTED): $(BUILD)/obj/tests/bench/count.o $(BUILD)/obj/tests/unit/lib/cheap_seal.o $(PARTS_tally-server)
	@mkdir -p $(@D)
	$(if $(V),,@echo "  link  $@")
	$(Q)$(CC) $(LDFLAGS_ALL) -Wl,--wrap=zmq_msg_send -o $@ $^ $(LIBS_tally-server)

.PHONY: bench bench-build
bench-build: $(BENCHES) $(PROBE) $(COUNTED) $(CHEAP) $(BUILD)/tests/e2e/cast

# What is said while building goes elsewhere: the output is figures, key=value.
bench:   ## print what operations cost, in units of one decoding of a point
	$(Q).ci/deps.sh install build test >&2
	$(Q)+$(SUBMAKE) all bench-build >&2
	$(Q)$(BUILD)/tests/bench/bench_election
	$(Q)BUILD=$(BUILD) tests/bench/nodes
	$(Q)for b in $(filter-out %/bench_election,$(BENCHES)); do $$b || exit 1; done
