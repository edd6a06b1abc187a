"""What can be done to cards at once: suspending, burying, moving, resetting, tagging and more."""
