# How long things take: tests/bench/bench_*.c and tests/bench/nodes print figures and judge nothing
# (docs/bench.md).
BENCHES := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/bench/bench_*.c))
PROBE   := $(BUILD)/tests/bench/probe
UNIT    := $(BUILD)/obj/tests/bench/unit.o
# The node and its signer once more, counting what they do to the disk and say to peers.
COUNTED := $(addprefix $(BUILD)/tests/bench/,tally-server tally-signer)
COUNT   := $(addprefix $(BUILD)/obj/tests/bench/,count.o count_logs.o)
COUNT_WRAP := -Wl,--wrap=wal_sync -Wl,--wrap=wal_open_again

$(BENCHES) $(PROBE): $(BUILD)/tests/bench/%: $(BUILD)/obj/tests/bench/%.o $(UNIT) $(LIBTEST) $(LIBSERVER) $(LIBCOMMON) $(LIBCRYPTO)
	@mkdir -p $(@D)
	$(if $(V),,@echo "  link  $@")
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $< $(UNIT) $(LIBTEST) $(LIBSERVER) $(LIBCOMMON) $(LIBCRYPTO) $(COMMON_LIBS) $(CRYPTO_LIBS) -lcmocka

$(BUILD)/tests/bench/tally-server: $(BUILD)/obj/tests/bench/count_messages.o
$(BUILD)/tests/bench/tally-server: COUNT_WRAP += -Wl,--wrap=zmq_msg_send
$(COUNTED): $(BUILD)/tests/bench/%: $(COUNT) $(BUILD)/obj/tests/unit/lib/cheap_seal.o
	@mkdir -p $(@D)
	$(if $(V),,@echo "  link  $@")
	$(Q)$(CC) $(LDFLAGS_ALL) $(COUNT_WRAP) -o $@ $(filter %.o %.a,$^) $(LIBS_$*)
$(BUILD)/tests/bench/tally-server: $(PARTS_tally-server)
$(BUILD)/tests/bench/tally-signer: $(PARTS_tally-signer)

.PHONY: bench bench-build
bench-build: $(BENCHES) $(PROBE) $(COUNTED) $(CHEAP) $(BUILD)/tests/e2e/cast

# What is said while building goes elsewhere: the output is figures, key=value.
bench:   ## print what operations cost, in units of one decoding of a point
	$(Q).ci/deps.sh install build test >&2
	$(Q)+$(SUBMAKE) all bench-build >&2
	$(Q)$(BUILD)/tests/bench/bench_election
	$(Q)BUILD=$(BUILD) tests/bench/nodes
	$(Q)for b in $(filter-out %/bench_election,$(BENCHES)); do $$b || exit 1; done
