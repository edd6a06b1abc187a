"""What every route answers, by resource.

A route that is added gets an entry in the `OPERATIONS` of one of these modules, keyed by method and
path (the one under /api, where it has several).
"""
