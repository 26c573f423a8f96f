"""
A verifier of elections, in Python, written from docs/ alone by somebody who had not seen the C.
`python3 tests/reference/verify ARCHIVE --fingerprint F`; docs/protocol.md §10 is its table of contents.
"""
