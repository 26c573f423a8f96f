"""
Makes whole elections in Python, written from docs/ alone, for tests: keys, ceremony, ballots,
blocks, archive.  Nothing here keeps a secret: every choice comes from one seed, in open time.
"""
