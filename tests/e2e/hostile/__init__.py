"""Files that somebody made to do harm, sent to a real server.

`python -m tests.e2e.hostile --count 2000 --seed 1` sends as many as are wanted, each kind in turn.
"""
