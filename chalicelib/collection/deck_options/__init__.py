"""Deck options: groups that decks share, and limits of a deck's own."""
