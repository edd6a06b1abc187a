"""People and how they prove who they are: users, passwords, tokens and secrets.

Nothing here knows of HTTP or of collections. Times come in as arguments, epoch milliseconds.
"""
