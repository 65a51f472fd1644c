"""Chinese questions for English-only models, through translators on both sides."""
