# A whole election on this machine.  VOTERS, TRUSTEES, THRESHOLD, DEFINITION and SEED may be given:
#     make demo VOTERS=200 TRUSTEES=7 THRESHOLD=4 SEED=7
.PHONY: demo demo-kiosk
demo:   ## a whole election on this machine, from keys to the observer's verdict
	$(Q).ci/deps.sh install build demo
	$(Q)+$(SUBMAKE) all
	$(Q)BUILD=$(BUILD) FOLDER=$(BUILD)/demo python3 -B tests/demo/demo.py

demo-kiosk:   ## the same, with you as the voter at the full-screen kiosk
	$(Q).ci/deps.sh install build demo
	$(Q)+$(SUBMAKE) all
	$(Q)BUILD=$(BUILD) FOLDER=$(BUILD)/demo BY_HAND=1 python3 -B tests/demo/demo.py
