"""Undo: what a change was, recorded while it is made, and taking it back."""
