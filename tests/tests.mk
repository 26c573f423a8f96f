# Tests.  tests/unit/FLOOR/test_*.c is one cmocka program each, linked with that floor and those
# below it: a test of crypto/ cannot reach common/.
# The archives are built with TEST-visible functions only; there is no second build of the code.

TEST_CRYPTO := $(wildcard tests/unit/crypto/test_*.c)
TEST_COMMON := $(wildcard tests/unit/common/test_*.c)
TEST_NET    := $(wildcard tests/unit/net/test_*.c)
TEST_SERVER := $(wildcard tests/unit/server/test_*.c)
TEST_CLIENT := $(wildcard tests/unit/client/test_*.c)
test_bin = $(patsubst %.c,$(BUILD)/%,$(1))
TESTS := $(call test_bin,$(TEST_CRYPTO) $(TEST_COMMON) $(TEST_NET) $(TEST_SERVER) $(TEST_CLIENT))

# Whole programs under test: executable files that print cmocka's lines or close with
# "N passed, N failed".  They find what was built in $BUILD.
TEST_SCRIPTS := $(wildcard tests/binaries/test_* tests/ct/test_* tests/e2e/test_* tests/model/test_*)

# Long ones, for make test-full.
TEST_FULL := $(wildcard tests/e2e/full_*)

# Programs that those scripts use.
E2E_AIDS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/e2e/*.c))

# The programs once more for the end-to-end tests: the same objects, and key files that cost little to
# open (docs/decisions/0017), since an election opens some fifty.
CHEAP := $(patsubst $(BUILD)/%,$(BUILD)/cheap/%,$(PROGRAMS))

# Fuzz targets, each built as a test that replays seeds and as a fuzzer (tests/fuzz/fuzz.mk).
FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)
REPLAYS  := $(patsubst %.c,$(BUILD)/%,$(FUZZ_SRC))
FUZZERS  := $(patsubst tests/fuzz/%.c,$(BUILD)/libfuzzer/%,$(FUZZ_SRC))

# Code under test that lives in a program rather than in an archive.
SERVER_PARTS := $(call obj,$(filter-out %/main.c,$(wildcard tally-server/*/*.c)))
CLIENT_PARTS := $(call obj,$(filter-out %/main.c,$(wildcard voter-client/kiosk/*.c voter-client/observer/*.c voter-client/observer/follow/*.c)))
# Helpers shared by tests of one floor.
TEST_LIB := $(call obj,$(wildcard tests/unit/lib/*.c))

# Each set of parts goes into an archive, so that a test links only what it uses.
LIBSERVER := $(BUILD)/lib/libkserver.a
LIBCLIENT := $(BUILD)/lib/libkclient.a
LIBTEST   := $(BUILD)/lib/libktest.a
$(LIBSERVER): $(SERVER_PARTS)
$(LIBCLIENT): $(CLIENT_PARTS)
$(LIBTEST): $(TEST_LIB)
ALL_AR   := $(LIBTEST) $(LIBSERVER) $(LIBCLIENT) $(LIBNET) $(LIBCOMMON) $(LIBCRYPTO)
ALL_LIBS := $(NET_LIBS) $(COMMON_LIBS) $(KIOSK_LIBS) $(CRYPTO_LIBS)

$(call test_bin,$(TEST_CRYPTO)): TEST_AR := $(LIBTEST) $(LIBCRYPTO)
$(call test_bin,$(TEST_COMMON)): TEST_AR := $(LIBTEST) $(LIBCOMMON) $(LIBCRYPTO)
$(call test_bin,$(TEST_NET)):    TEST_AR := $(LIBTEST) $(LIBNET) $(LIBCOMMON) $(LIBCRYPTO)
$(call test_bin,$(TEST_SERVER)): TEST_AR := $(LIBTEST) $(LIBSERVER) $(LIBNET) $(LIBCOMMON) $(LIBCRYPTO)
$(call test_bin,$(TEST_CLIENT)): TEST_AR := $(LIBTEST) $(LIBCLIENT) $(LIBNET) $(LIBCOMMON) $(LIBCRYPTO)

# It says in libzmq's place who sent a message.
$(BUILD)/tests/unit/net/test_link_names: TEST_AR := -Wl,--wrap=zmq_msg_gets \
	$(LIBTEST) $(LIBNET) $(LIBCOMMON) $(LIBCRYPTO)

$(call test_bin,$(TEST_CRYPTO)): $(LIBTEST) $(LIBCRYPTO)
$(call test_bin,$(TEST_COMMON)): $(LIBTEST) $(LIBCOMMON) $(LIBCRYPTO)
$(call test_bin,$(TEST_NET)):    $(LIBTEST) $(LIBNET) $(LIBCOMMON) $(LIBCRYPTO)
$(call test_bin,$(TEST_SERVER)): $(LIBTEST) $(LIBSERVER) $(LIBNET) $(LIBCOMMON) $(LIBCRYPTO)
$(call test_bin,$(TEST_CLIENT)): $(LIBTEST) $(LIBCLIENT) $(LIBNET) $(LIBCOMMON) $(LIBCRYPTO)

# A whole node on a disk that fails, in place of the network and of the calls that reach a disk: for
# one program, and never among what others are linked with.
OUTPOST := $(call obj,$(wildcard tests/unit/server/outpost/*.c))
$(BUILD)/tests/unit/server/test_durability: $(OUTPOST)
$(BUILD)/tests/unit/server/test_durability: TEST_AR := $(OUTPOST) $(LIBTEST) $(LIBSERVER) $(LIBNET) $(LIBCOMMON) $(LIBCRYPTO)

$(E2E_AIDS): $(BUILD)/tests/e2e/%: $(BUILD)/obj/tests/e2e/%.o $(LIBTEST) $(ONLINE_AR)
	@mkdir -p $(@D)
	$(if $(V),,@echo "  link  $@")
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $< $(LIBTEST) $(ONLINE_AR) $(ONLINE_LIBS) -lcmocka

define cheap
$(BUILD)/cheap/$(1): $(BUILD)/obj/tests/unit/lib/cheap_seal.o $(PARTS_$(1))
	@mkdir -p $$(@D)
	$$(if $(V),,@echo "  link  $$@")
	$$(Q)$$(CC) $$(LDFLAGS_ALL) -o $$@ $$^ $(LIBS_$(1))
endef
$(foreach p,$(PROGRAMS),$(eval $(call cheap,$(notdir $(p)))))

# A node that cheats: the production node, but what it says to others passes through its deeds.
# It stands beside a tally-signer.
ADVERSARY := $(BUILD)/cheap/adversary
ADVERSARY_OBJ := $(call obj,$(wildcard tests/adversary/*.c))
ADVERSARY_WRAPPED := link_poll link_send link_broadcast link_reply
$(ADVERSARY): $(ADVERSARY_OBJ) $(LIBTEST) $(LIBSERVER) $(ONLINE_AR)
	@mkdir -p $(@D)
	$(if $(V),,@echo "  link  $@")
	$(Q)$(CC) $(LDFLAGS_ALL) $(ADVERSARY_WRAPPED:%=-Wl,--wrap=%) -o $@ $^ $(ONLINE_LIBS)

$(TESTS): $(BUILD)/tests/%: $(BUILD)/obj/tests/%.o
	@mkdir -p $(@D)
	$(if $(V),,@echo "  link  $@")
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $< $(TEST_AR) $(ALL_LIBS) -lcmocka

.PHONY: test test-build test-full test-unit asan asan-election
test-build: $(TESTS) $(REPLAYS) $(E2E_AIDS) $(CHEAP) $(ADVERSARY)

test-unit: test-build   ## build and run the unit tests and the replay of the fuzzers' seeds
	$(Q)BUILD=$(BUILD) tests/run $(TESTS) $(REPLAYS)

test:   ## install what is missing, build everything, run every test
	$(Q).ci/deps.sh install build test
	$(Q)+$(SUBMAKE) all test-build
	$(Q)BUILD=$(BUILD) tests/run $(TEST_SCRIPTS) $(TESTS) $(REPLAYS)   # the longest first

# One after the other, and what each says is seen: figures, not only a verdict.
test-full:   ## real nodes for longer: one of four cheats in each of its ways; networks that fail
	$(Q).ci/deps.sh install build test
	$(Q)+$(SUBMAKE) all test-build
	$(Q)failed=; for t in $(TEST_FULL); do echo "$$t"; BUILD=$(BUILD) $$t || failed="$$failed $$t"; done; \
		[ -z "$$failed" ] || { echo "failed:$$failed"; exit 1; }

# What Belenios's own tool makes and says (docs/belenios.md).
.PHONY: test-belenios
BELENIOS_TESTS := $(filter %belenios %belenios_record %belenios_vectors %belenios_answer %orproof \
                           %decimal %power %row32,$(TESTS)) \
                  $(filter %fuzz_belenios,$(REPLAYS))
test-belenios:   ## elections of belenios-tool, checked by us; false ones, by both
	$(Q).ci/deps.sh install build test
	$(Q)+$(SUBMAKE) all $(BUILD)/tests/e2e/belmake $(BELENIOS_TESTS)
	$(Q)BUILD=$(BUILD) tests/run tests/e2e/test_belenios tests/e2e/test_belenios_made_here \
		$(BELENIOS_TESTS)

asan:   ## the unit tests under AddressSanitizer and UBSan
	$(Q)+$(SUBMAKE) BUILD=$(BUILD)/asan SAN=1 OPT="-O1 -g" test-unit

# What a sanitizer says of any process of the election goes to a file of its own.
ASAN_SAYS := $(abspath $(BUILD))/asan/says

asan-election:   ## whole elections, every process under AddressSanitizer and UBSan
	$(Q)+$(SUBMAKE) BUILD=$(BUILD)/asan SAN=1 OPT="-O1 -g" all test-build
	$(Q)rm -f $(ASAN_SAYS).*
	$(Q)BUILD=$(BUILD)/asan ASAN_OPTIONS=log_path=$(ASAN_SAYS) UBSAN_OPTIONS=log_path=$(ASAN_SAYS) \
		tests/run tests/e2e/test_election_one_option tests/e2e/test_kiosk tests/e2e/test_crash
	$(Q)! cat $(ASAN_SAYS).* 2>/dev/null
