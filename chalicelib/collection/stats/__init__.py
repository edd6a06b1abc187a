"""What Anki's statistics screen shows: counts of the cards, and what the answers add up to."""
