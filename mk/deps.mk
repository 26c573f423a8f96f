# What the project needs from Debian 12.  mk/deps.sh knows each package and its reason.
.PHONY: deps
deps:   ## install the Debian packages that are missing, saying what and why
	$(Q)mk/deps.sh install build test

# Before the first compilation: say what is missing rather than fail on a header.
$(BUILD)/.deps: mk/deps.sh
	@mkdir -p $(@D)
	$(Q)mk/deps.sh check build
	@touch $@
