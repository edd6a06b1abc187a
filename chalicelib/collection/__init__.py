"""An Anki collection, schema 11: functions over a `sqlite3.Connection`.

Nothing here knows of HTTP or AWS, reads a clock or draws a random number: those come in as
arguments. Times in names: `_ms` epoch milliseconds, `_s` epoch seconds, `_days` day counts.
"""
