"""Everything that runs in Lambda: the API, the collection, the scheduler and the storage."""

__version__ = "0.1.0"
