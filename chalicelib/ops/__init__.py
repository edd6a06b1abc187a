"""What the service does on AWS beside answering: warming, folding, sweeping, being watched.

`app.py` defines a function for each, and imports from here before the first event comes: these
modules import what takes time where they use it.
"""
