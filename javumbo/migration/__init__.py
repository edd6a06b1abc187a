"""`javumbo migrate`: from the Flask version and back, and later changes of the data."""
