# The model of consensus (docs/model.md): Promela, searched by SPIN.
.PHONY: model model-full
model:   ## search the model of consensus, and its mutants; one alone: ONLY=name
	$(Q)BUILD=$(BUILD) tests/model/test_model --story $(ONLY)

model-full:   ## search larger models of consensus: minutes, and some gigabytes
	$(Q)BUILD=$(BUILD) tests/model/test_model --full $(ONLY)
