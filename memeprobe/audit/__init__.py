"""How often the answer reader errs on a run's own answers: a sample labelled by hand."""
