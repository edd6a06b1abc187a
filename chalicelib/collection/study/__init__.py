"""Studying: what comes next, how much is left, and what an answer does."""
