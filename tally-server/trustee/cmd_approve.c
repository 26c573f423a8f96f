/*
 * cmd_approve.c: approve and inspect.
 */
#include "tally-server/trustee/trustee.h"

#include "common/base/crash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- what a proposal says, in words ---------------------------------------------------------- */

static void print_result(const struct session *s, const struct tx *tx)
{
	const struct manifest *m = s->audit.manifest;
	const struct tally *t = election_tally(s->audit.election);
	struct tx_result r;
	/* The list of signatures is not there yet: read the counts where they stand. */
	size_t head = 32 + 8 + 4;

	r.counts = tx->payload + head;
	r.counts_len = (uint32_t)t->aggregates_len;
	for (uint32_t i = 0; i < r.counts_len; i++) {
		const struct tally_aggregate *a = &t->aggregates[i];
		const struct manifest_contest *c = &m->contests[a->contest];
		unsigned int option = a->slot - (c->blank ? 1u : 0u);

		printf("             %s, %s: %s %llu\n", c->title.in[0],
		       m->units[t->groups[a->group].unit].name.in[0],
		       c->blank && a->slot == 0 ? "blank" : c->options[option].name.in[0],
		       (unsigned long long)tx_result_count(&r, i));
	}
}

static void print_proposal(const struct session *s, const struct proposal *p)
{
	const struct tx tx = { .type = (enum tx_type)p->tx[0], .payload = p->tx + 1,
	                       .payload_len = p->tx_len - 1 };
	struct state_summary now;

	election_summary(s->audit.election, &now);
	printf("proposal     %s\n", tx_type_name(tx.type));
	if (tx.type == TX_ADVANCE)
		printf("             end this step without those who were silent; excluded so far: %u\n",
		       (unsigned int)__builtin_popcount(now.excluded));
	if (tx.type == TX_OPEN)
		printf("             open the polls for %u voters; the roll is frozen\n", now.roll_count);
	if (tx.type == TX_CLOSE)
		printf("             close the doors; %u ballots so far\n", now.live);
	if (tx.type == TX_END)
		printf("             no ballot counts after this; %u ballots so far\n", now.live);
	if (tx.type == TX_RESULT)
		print_result(s, &tx);
}

static enum status refuse(struct fault *fault, enum status st)
{
	(void)fault_set(fault, st, "the proposal is not what the chain calls for: %s",
	                status_text(st));
	fault_why(fault, "You would sign something that no node accepts, or that is false.");
	fault_next(fault, "Ask the officer for a new proposal, made with a newer archive.");
	return st;
}

static enum status approve(struct session *s, struct fault *fault)
{
	uint8_t bytes[APPROVAL_BYTES];
	struct proposal p;
	struct approval a;
	uint8_t *file;
	size_t len;
	enum status st = office_read(&file, &len, opt.file, PROPOSAL_BYTES_MAX, fault);

	if (st != ST_OK)
		return st;
	if ((st = proposal_decode(&p, file, len)) != ST_OK ||
	    (st = act_judge(s->audit.election, &p)) != ST_OK) {
		free(file);
		return refuse(fault, st);
	}
	print_proposal(s, &p);
	if ((st = ask_yes("Sign this proposal?", fault)) == ST_OK) {
		act_approve(s->params, &p, s->index, &s->secret, &a);
		crash_point("approved");
		st = approval_encode(&a, bytes, sizeof(bytes), &len);
		st = st != ST_OK ? st : office_write(opt.out, bytes, len, fault);
	}
	free(file);
	return st;
}

int run_approve(void)
{
	struct fault fault = { 0 };
	struct session s;
	enum status st = session_begin(&s, &fault);

	if (st == ST_OK) {
		print_election(&s.audit);
		st = trustee_in(s.params->excluded, s.index) ?
		     fault_set(&fault, ST_EXCLUDED, "you were excluded: your signature would not count") :
		     approve(&s, &fault);
	}
	session_end(&s);
	if (st != ST_OK)
		return cli_fault(&fault);
	printf("approval=%s\n", opt.out);
	printf("Next: give it to the election officer.\n");
	return cli_done(CLI_YES);
}

/* --- inspect --------------------------------------------------------------------------------- */

static void print_trustees(const struct audit *a)
{
	struct state_summary now;

	election_summary(a->election, &now);
	for (unsigned int i = 1; i <= a->manifest->trustees_len; i++)
		printf("trustee      %u %s%s%s%s\n", i, a->manifest->trustees[i - 1].name,
		       trustee_in(now.excluded, i) ? ", excluded" : "",
		       trustee_in(now.acted, i) ? ", has acted in this step" : "",
		       trustee_in(now.shared, i) ? ", has decrypted" : "");
	printf("roll         %u voters\n", now.roll_count);
	printf("ballots      %u live, %u replaced, %u tests\n", now.live, now.ballots - now.live,
	       now.tests);
}

int run_inspect(void)
{
	struct fault fault = { 0 };
	uint8_t print[32];
	struct audit a = { .verdict = AUDIT_UNDECIDED };
	enum status st = ST_OK;

	if (opt.fingerprint != NULL)
		st = office_fingerprint(print, opt.fingerprint, &fault);
	if (st == ST_OK)
		st = office_archive(&a, opt.file, opt.fingerprint == NULL ? NULL : print, &fault);
	if (st == ST_OK) {
		print_election(&a);
		print_trustees(&a);
	}
	audit_free(&a);
	return st == ST_OK ? cli_done(CLI_YES) : cli_fault(&fault);
}
