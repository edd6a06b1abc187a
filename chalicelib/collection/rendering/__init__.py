"""Cards as they are shown: templates, their filters, cloze deletions."""
