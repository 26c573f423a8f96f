# What the project needs from Debian 12; `make deps` installs what is missing, saying what and why.
.PHONY: deps
deps:
	$(Q)mk/deps.sh
