# The house rules (docs/house.md), checked: tests/lint/lint.py, tables in tests/lint/rules.py.
.PHONY: lint
lint:
	@mkdir -p $(BUILD)
	$(Q)$(MAKE) --no-print-directory -n -B V=1 all >$(BUILD)/links.txt
	$(Q)python3 tests/lint/lint.py --cc "$(CC)" --cppflags "$(CPPFLAGS_ALL)" \
		--links $(BUILD)/links.txt --build $(BUILD)
