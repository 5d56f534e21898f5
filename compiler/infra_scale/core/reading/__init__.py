"""Checked documents to nouns of the model: the last place that sees raw values."""
