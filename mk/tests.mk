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

# Code under test that lives in a program rather than in an archive.
SERVER_PARTS := $(call obj,$(filter-out %/main.c,$(wildcard tally-server/*/*.c)))
CLIENT_PARTS := $(call obj,$(filter-out %/main.c,$(wildcard voter-client/kiosk/*.c voter-client/observer/*.c)))
# Helpers shared by tests of one floor.
TEST_LIB := $(call obj,$(wildcard tests/unit/lib/*.c))

# Each set of parts goes into an archive, so that a test links only what it uses.
LIBSERVER := $(BUILD)/lib/libkserver.a
LIBCLIENT := $(BUILD)/lib/libkclient.a
LIBTEST   := $(BUILD)/lib/libktest.a
$(LIBSERVER): $(SERVER_PARTS)
$(LIBCLIENT): $(CLIENT_PARTS)
$(LIBTEST): $(TEST_LIB)

link_test = $(if $(V),,@echo "  link  $@")
$(call test_bin,$(TEST_CRYPTO)): TEST_AR := $(LIBTEST) $(LIBCRYPTO)
$(call test_bin,$(TEST_COMMON)): TEST_AR := $(LIBTEST) $(LIBCOMMON) $(LIBCRYPTO)
$(call test_bin,$(TEST_NET)):    TEST_AR := $(LIBTEST) $(LIBNET) $(LIBCOMMON) $(LIBCRYPTO)
$(call test_bin,$(TEST_SERVER)): TEST_AR := $(LIBTEST) $(LIBSERVER) $(LIBNET) $(LIBCOMMON) $(LIBCRYPTO)
$(call test_bin,$(TEST_CLIENT)): TEST_AR := $(LIBTEST) $(LIBCLIENT) $(LIBNET) $(LIBCOMMON) $(LIBCRYPTO)

$(TESTS): $(BUILD)/tests/%: $(BUILD)/obj/tests/%.o $(LIBTEST) $(LIBCRYPTO) $(LIBCOMMON) $(LIBNET) $(LIBSERVER) $(LIBCLIENT)
	@mkdir -p $(@D)
	$(link_test)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $< $(TEST_AR) $(NET_LIBS) $(COMMON_LIBS) $(KIOSK_LIBS) $(CRYPTO_LIBS) -ljansson -lcmocka

.PHONY: test test-unit asan
test-unit: $(TESTS)
	$(Q)tests/run $(TESTS)

test: deps all test-unit

asan:
	$(Q)$(MAKE) --no-print-directory BUILD=$(BUILD)/asan SAN=1 OPT="-O1 -g" test-unit
