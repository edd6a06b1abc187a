"""SM-2 as Anki's v3 scheduler does it (FSRS off). Pure: values in, values out.

Anki computes in single precision and rounds halves away from zero; so does this package, because
double precision or Python's `round` give other days for some cards.
"""
