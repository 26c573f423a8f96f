# The simulator of consensus (tests/sim): the production core under a virtual clock.
SEEDS ?= 5000
SEED  ?= 1

LIBSIM := $(BUILD)/lib/libksim.a
$(LIBSIM): $(call obj,$(filter-out tests/sim/main.c,$(wildcard tests/sim/*.c)))

# Tests of consensus drive the same models.
TEST_CONSENSUS := $(call test_bin,$(wildcard tests/unit/server/test_consensus*.c))
SIM_AR := $(LIBSIM) $(LIBTEST) $(LIBSERVER) $(LIBNET) $(LIBCOMMON) $(LIBCRYPTO)
$(TEST_CONSENSUS): TEST_AR := $(SIM_AR)
$(TEST_CONSENSUS): $(LIBSIM)
# So does their fuzzer.
ALL_AR := $(LIBSIM) $(ALL_AR)

$(BUILD)/tests/sim/sim: $(BUILD)/obj/tests/sim/main.o $(SIM_AR)
	@mkdir -p $(@D)
	$(if $(V),,@echo "  link  $@")
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $< $(SIM_AR) $(NET_LIBS) $(COMMON_LIBS) $(CRYPTO_LIBS)

.PHONY: sim sim-mutants
sim: $(BUILD)/tests/sim/sim   ## run SEEDS random faults of consensus, from SEED on
	$(Q)$< -s $(SEED) -n $(SEEDS)

sim-mutants: $(BUILD)/tests/sim/sim   ## take rules away from consensus: the simulator must notice
	$(Q)python3 tests/sim/mutants.py --cc "$(CC)" --cflags "$(CPPFLAGS_ALL) $(CFLAGS_ALL)" \
		--ldflags "$(LDFLAGS_ALL)" --main $(BUILD)/obj/tests/sim/main.o --ar "$(SIM_AR)" \
		--libs "$(NET_LIBS) $(COMMON_LIBS) $(CRYPTO_LIBS)" --build $(BUILD) \
		$(if $(ONLY),--only $(ONLY))
