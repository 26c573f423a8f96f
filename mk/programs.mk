# Which program is made of what.  A link line is a security claim: tests/lint reads these.
# Only programs whose main.c exists are built.

# $(call program,NAME,sources,archives,libraries)
define program
ifneq ($(wildcard $(firstword $(2))),)
PROGRAMS += $(BUILD)/$(1)
$(BUILD)/$(1): $(call obj,$(2)) $(3)
	@mkdir -p $$(@D)
	$$(if $(V),,@echo "  link  $$@")
	$$(Q)$$(CC) $$(LDFLAGS_ALL) -o $$@ $(call obj,$(2)) $(3) $(4)
endif
endef

# Programs off the network: no libzmq.
OFFLINE_AR   := $(LIBCOMMON) $(LIBCRYPTO)
OFFLINE_LIBS := $(COMMON_LIBS) $(CRYPTO_LIBS)
# Programs on the network.
ONLINE_AR    := $(LIBNET) $(LIBCOMMON) $(LIBCRYPTO)
ONLINE_LIBS  := $(NET_LIBS) $(COMMON_LIBS) $(CRYPTO_LIBS)

PROGRAMS :=
$(eval $(call program,voter-client,voter-client/kiosk/main.c $(filter-out voter-client/kiosk/main.c,$(wildcard voter-client/kiosk/*.c)),$(ONLINE_AR),$(ONLINE_LIBS) $(KIOSK_LIBS)))
$(eval $(call program,voter-observer,voter-client/observer/main.c $(filter-out voter-client/observer/main.c,$(wildcard voter-client/observer/*.c)),$(OFFLINE_AR),$(OFFLINE_LIBS)))
$(eval $(call program,voter-follow,voter-client/observer/follow/main.c $(filter-out voter-client/observer/follow/main.c,$(wildcard voter-client/observer/follow/*.c)),$(ONLINE_AR),$(ONLINE_LIBS)))
$(eval $(call program,tally-server,tally-server/node/main.c $(filter-out tally-server/node/main.c,$(wildcard tally-server/node/*.c)) $(wildcard tally-server/consensus/*.c tally-server/signer/*.c),$(ONLINE_AR),$(ONLINE_LIBS)))
$(eval $(call program,tally-trustee,tally-server/trustee/main.c $(filter-out tally-server/trustee/main.c,$(wildcard tally-server/trustee/*.c)),$(OFFLINE_AR),$(OFFLINE_LIBS)))
$(eval $(call program,tally-officer,tally-server/officer/main.c $(filter-out tally-server/officer/main.c,$(wildcard tally-server/officer/*.c)),$(OFFLINE_AR),$(OFFLINE_LIBS)))
