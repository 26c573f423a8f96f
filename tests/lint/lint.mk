# The house rules (docs/house.md), checked: tests/lint/lint.py, tables in tests/lint/rules.py.
.PHONY: lint
lint:   ## check the house rules: staircase, doors, link lines, banned calls, measures
	@mkdir -p $(BUILD)
	$(Q)$(MAKE) --no-print-directory -n -B V=1 all >$(BUILD)/links.txt
	$(Q)python3 tests/lint/lint.py --cc "$(CC)" --cppflags "$(CPPFLAGS_ALL)" \
		--links $(BUILD)/links.txt --build $(BUILD)
