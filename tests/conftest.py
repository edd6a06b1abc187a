import os

from hypothesis import settings

# A slow machine is no failure; `HYPOTHESIS_PROFILE=thorough make test` looks longer.
settings.register_profile("quick", deadline=None, max_examples=40)
settings.register_profile("thorough", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))
