"""Schema 18, the shape in which Anki keeps a collection today, in both directions.

Its notetypes, decks and options are rows with a protobuf message, where schema 11 has JSON.
"""
