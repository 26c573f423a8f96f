# The simulator of consensus (tests/sim): the production core and logs under a virtual clock.
SEEDS ?= 5000
SEED  ?= 1

LIBSIM := $(BUILD)/lib/libksim.a
$(LIBSIM): $(call obj,$(filter-out tests/sim/main.c,$(wildcard tests/sim/*.c)))

# System calls of the logs, and signing, are led to tests/sim/wrap.c.
SIM_WRAPPED := open close read pread write pwrite fsync fdatasync ftruncate fstat fchmod flock \
               rename renameat2 unlink faccessat sign_message
comma := ,
SIM_WRAP := -Wl,-u,__wrap_open $(SIM_WRAPPED:%=-Wl$(comma)--wrap=%)

# Tests of consensus drive the same models.
TEST_CONSENSUS := $(call test_bin,$(wildcard tests/unit/server/test_consensus*.c))
SIM_AR := $(LIBSIM) $(LIBTEST) $(LIBSERVER) $(LIBNET) $(LIBCOMMON) $(LIBCRYPTO)
SIM_LIBS := $(NET_LIBS) $(COMMON_LIBS) $(CRYPTO_LIBS)
$(TEST_CONSENSUS): TEST_AR := $(SIM_WRAP) $(SIM_AR)
$(TEST_CONSENSUS): $(LIBSIM)
# So does their fuzzer.
ALL_AR := $(LIBSIM) $(ALL_AR)

$(BUILD)/tests/sim/sim: $(BUILD)/obj/tests/sim/main.o $(SIM_AR)
	@mkdir -p $(@D)
	$(if $(V),,@echo "  link  $@")
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $< $(SIM_WRAP) $(SIM_AR) $(SIM_LIBS)

# Failures name the commit, and are added to a file.
SIM_COMMIT = $$(git describe --always --dirty 2>/dev/null || echo unknown)
SIM_KEEP   = -c $(SIM_COMMIT) -k $(BUILD)/sim-failures
SIM_NICE  ?=

.PHONY: sim sim-real sim-real-run sim-twins sim-nightly sim-same sim-mutants sim-ablation
sim: $(BUILD)/tests/sim/sim   ## run SEEDS random faults of consensus, from SEED on, and the kept failures
	$(Q)$< -f tests/sim/corpus
	$(Q)$< -s $(SEED) -n $(SEEDS) -j $(JOBS) $(SIM_KEEP)

sim-real:   ## 500 of them with true signatures, under AddressSanitizer and UBSan
	$(Q)+$(SUBMAKE) BUILD=$(BUILD)/asan SAN=1 OPT="-O1 -g" sim-real-run

sim-real-run: $(BUILD)/tests/sim/sim
	$(Q)$< -f tests/sim/corpus
	$(Q)$< -e -s $(SEED) -n 500 -j $(JOBS) $(SIM_KEEP)

# Stopped and begun again it goes on where it was; remove the folder to begin anew.
sim-nightly: $(BUILD)/tests/sim/sim   ## half a million seeds and all plans of twins; may be stopped and goes on
	@mkdir -p $(BUILD)/sim-nightly
	$(Q)$(SIM_NICE) $< -f tests/sim/corpus
	$(Q)$(SIM_NICE) $< -T 3 -s 0 -n 262144 -j $(JOBS) $(SIM_KEEP) -r $(BUILD)/sim-nightly/twins-all
	$(Q)$(SIM_NICE) $< -R 4 -n 100000 -j $(JOBS) $(SIM_KEEP) -r $(BUILD)/sim-nightly/twins-4
	$(Q)$(SIM_NICE) $< -R 7 -n 100000 -j $(JOBS) $(SIM_KEEP) -r $(BUILD)/sim-nightly/twins-7
	$(Q)$(SIM_NICE) $< -s 1 -n 500000 -j $(JOBS) $(SIM_KEEP) -r $(BUILD)/sim-nightly/random

# One process each, so that the lines come in order.
sim-same: $(BUILD)/tests/sim/sim   ## the digests of 100 runs: twice, at -O0 and -O3, by gcc and clang
	$(Q)+$(SUBMAKE) BUILD=$(BUILD)/O0 OPT=-O0 FORT= CFLAGS=-Wno-error $(BUILD)/O0/tests/sim/sim
	$(Q)+$(SUBMAKE) BUILD=$(BUILD)/O3 OPT=-O3 $(BUILD)/O3/tests/sim/sim
	$(Q)+$(SUBMAKE) BUILD=$(BUILD)/clang CC=clang $(BUILD)/clang/tests/sim/sim
	$(Q)$< -d -q -s $(SEED) -n 100 > $(BUILD)/sim-digests
	$(Q)for other in $(BUILD) $(BUILD)/O0 $(BUILD)/O3 $(BUILD)/clang; do \
		$$other/tests/sim/sim -d -q -s $(SEED) -n 100 | cmp - $(BUILD)/sim-digests || exit 1; done
	@echo "100 runs: the same, again, at -O0 and -O3, by gcc and clang"

MUTATE = python3 tests/sim/mutants.py --cc "$(CC)" --cflags "$(CPPFLAGS_ALL) $(CFLAGS_ALL)" \
	--ldflags "$(LDFLAGS_ALL)" --main $(BUILD)/obj/tests/sim/main.o --ar "$(SIM_WRAP) $(SIM_AR)" \
	--libs "$(SIM_LIBS)" --build $(BUILD) --jobs $(JOBS) $(if $(ONLY),--only $(ONLY))

sim-mutants: $(BUILD)/tests/sim/sim   ## take rules away from consensus and its logs: the simulator must notice each
	$(Q)$(MUTATE)

sim-ablation: $(BUILD)/tests/sim/sim   ## take away what repeats and repairs, one by one and two by two
	$(Q)$(MUTATE) --ablation
