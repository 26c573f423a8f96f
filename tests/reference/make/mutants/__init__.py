"""
Elections in which one thing is wrong, each with the check that must say so.  What depends on the
change is made anew (copy.py), so that nothing but the rule itself can refuse.
"""
from . import accusations, ballots, ceremony, definition, ending, enrolment, reports    # noqa: F401 (they list theirs)
from .registry import MUTANTS                                      # noqa: F401
