"""Large names for transactions of the tally."""

import random


def incompressible(length: int, seed: int = 0) -> str:
    """Text that takes about half of its length in a commit."""
    return random.Random(seed).randbytes(length // 2).hex()
