"""Migrations: people of the Flask version taken over, and later changes of what is stored.

`flask` reads and writes what that version keeps; `naming` decides who is called what; `taking`
and `giving_back` are the two directions; `steps` and `runner` carry every change of stored data,
of which taking people over is the first.
"""
