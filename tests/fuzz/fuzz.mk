# Fuzzers.  tests/fuzz/fuzz_NAME.c defines LLVMFuzzerTestOneInput; its seeds lie in
# tests/fuzz/corpus/NAME/.  Each is built twice: with tests/fuzz/replay.c as an ordinary test that
# runs the seeds and a fixed series of mutations of them, and with libFuzzer by `make fuzz`.

SECONDS ?= 10

$(REPLAYS): $(BUILD)/tests/fuzz/%: $(BUILD)/obj/tests/fuzz/%.o $(BUILD)/obj/tests/fuzz/replay.o $(ALL_AR)
	@mkdir -p $(@D)
	$(if $(V),,@echo "  link  $@")
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $(filter %.o,$^) $(ALL_AR) $(ALL_LIBS) -lcmocka

$(FUZZERS): $(BUILD)/libfuzzer/%: $(BUILD)/obj/tests/fuzz/%.o $(ALL_AR)
	@mkdir -p $(@D)
	$(if $(V),,@echo "  link  $@")
	$(Q)$(CC) $(LDFLAGS_ALL) -fsanitize=fuzzer -o $@ $< $(ALL_AR) $(ALL_LIBS) -lcmocka

.PHONY: fuzz fuzz-run
fuzz:   ## each fuzzer under libFuzzer for SECONDS (10)
	$(Q).ci/deps.sh install build fuzz
	$(Q)+$(SUBMAKE) CC=clang BUILD=$(BUILD)/fuzz SAN=1 FUZZ=1 OPT="-O1 -g" fuzz-run

fuzz-run: $(FUZZERS)
	$(Q)tests/fuzz/run $(SECONDS) $(FUZZERS)
