"""HTTP only: parse and validate a request, call one thing, shape the answer."""
