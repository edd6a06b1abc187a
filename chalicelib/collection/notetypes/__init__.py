"""Notetypes: looking them up, adding, changing with their notes and cards, removing."""
