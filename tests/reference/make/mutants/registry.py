"""Where mutants are listed: MUTANTS holds (sentence, election, verdict, check, function)."""
MUTANTS = []


def mutant(election, check, verdict="no"):
    """Of an election of scenarios.py; the function changes a Copy, its name is the sentence."""
    def take(function):
        MUTANTS.append((function.__name__, election, verdict, check, function))
        return function
    return take


def mutants(election, check, changes, verdict="no"):
    """Several, by their sentences."""
    for sentence, change in changes.items():
        MUTANTS.append((sentence, election, verdict, check, change))


def header(kind, **fields):
    """The header of the first block with such a transaction says something else."""
    return lambda c: c.header(kind, 0, **fields)
