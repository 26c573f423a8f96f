/*
 * status.c: names and sentences of the outcomes.
 *
 * Invariant: every status has both; a test walks the whole list.
 */
#include "crypto/status.h"

#include <stddef.h>

static const struct {
	const char *name;
	const char *text;
} TABLE[ST_COUNT] = {
	[ST_OK] = { "ok", "All is well." },
	[ST_INTERNAL] = { "internal", "The program met a fault of its own." },
	[ST_FORMAT] = { "format", "The bytes are not of the expected format." },
	[ST_LIMIT] = { "limit", "Something is larger or more numerous than allowed." },
	[ST_ELEMENT] = { "element", "A group element is not in its canonical encoding." },
	[ST_SCALAR] = { "scalar", "A number is not in its canonical encoding." },
	[ST_IDENTITY] = { "identity", "The neutral element stands where it is forbidden." },
	[ST_KEY] = { "key", "A public key is weak, repeated or malformed." },
	[ST_PROOF] = { "proof", "A mathematical proof does not hold." },
	[ST_SIGNATURE] = { "signature", "A signature does not hold." },
	[ST_REFUTED] = { "refuted", "A complaint is false: the share it complains of is good." },
	[ST_OPENING] = { "opening", "What was opened is not what was locked." },
	[ST_RANGE] = { "range", "A count lies outside its possible range." },
	[ST_CODE] = { "code", "The code was mistyped: its check characters do not fit." },
	[ST_SEAL] = { "seal", "The passphrase is wrong, or the sealed file was altered." },
	[ST_ELECTION] = { "election", "This was made for another election." },
	[ST_PHASE] = { "phase", "This is not possible in the present phase of the election." },
	[ST_ROLE] = { "role", "The signer has no right to do this." },
	[ST_EXCLUDED] = { "excluded", "This trustee was excluded in the key ceremony." },
	[ST_DUPLICATE] = { "duplicate", "This is already there." },
	[ST_ROLL] = { "roll", "The credential is not on the roll, or the roll is incomplete." },
	[ST_STYLE] = { "style", "The ballot style is unknown or not this voter's." },
	[ST_VOTED] = { "voted", "This credential has already voted." },
	[ST_TRACKER] = { "tracker", "The tracker is taken, or names no live ballot." },
	[ST_COPIED] = { "copied", "An encrypted selection was copied from another ballot." },
	[ST_QUOTA] = { "quota", "The number that is allowed is used up." },
	[ST_THRESHOLD] = { "threshold", "Too few trustees have taken part." },
	[ST_EARLY] = { "early", "The waiting time of the manifest has not passed." },
	[ST_TALLY] = { "tally", "The figures differ from those that the chain gives." },
	[ST_UNPROVEN] = { "unproven", "The evidence does not show what it says." },
	[ST_ONCE] = { "once", "Another sum was opened before; a second one is refused." },
	[ST_DEFINITION] = { "definition", "The election definition is refused." },
	[ST_PARENT] = { "parent", "A block does not follow the block before it." },
	[ST_HASH] = { "hash", "A hash differs from the data it stands for." },
	[ST_CERTIFICATE] = { "certificate", "Too few valid node signatures certify this block." },
	[ST_TIME] = { "time", "A block time goes back or lies ahead of the clock." },
	[ST_ORDER] = { "order", "The items of a block are not in their fixed order." },
	[ST_FORK] = { "fork", "Two different certified blocks claim one height." },
	[ST_UNVERIFIED] = { "unverified", "This was not checked before it was applied." },
	[ST_CONFLICT] = { "conflict", "This contradicts what the same key signed before." },
	[ST_AMNESIA] = { "amnesia", "What was signed before may be forgotten; nothing is signed." },
	[ST_IO] = { "io", "Reading or writing failed." },
	[ST_NO_MEMORY] = { "no-memory", "There is not enough memory." },
	[ST_NOT_FOUND] = { "not-found", "It is not there." },
	[ST_EXISTS] = { "exists", "It exists already and will not be overwritten." },
	[ST_AGAIN] = { "again", "Not possible just now; try again." },
	[ST_TIMEOUT] = { "timeout", "No answer came in time." },
	[ST_DENIED] = { "denied", "Access is not allowed." },
	[ST_CONFIG] = { "config", "The configuration is refused." },
	[ST_USAGE] = { "usage", "The command line is not understood." },
	[ST_INCOMPLETE] = { "incomplete", "Not everything could be checked." },
	[ST_RANDOM] = { "random", "The random generator does not work." },
};

const char *status_name(enum status st)
{
	if ((unsigned int)st >= ST_COUNT || TABLE[st].name == NULL)
		return "unknown";
	return TABLE[st].name;
}

const char *status_text(enum status st)
{
	if ((unsigned int)st >= ST_COUNT || TABLE[st].text == NULL)
		return "Unknown outcome.";
	return TABLE[st].text;
}
