"""What can be wrong with a model, or with asking it."""


class ModelError(ValueError):
    """A model cannot be loaded or asked; the message says which, why, and what to do."""


class Later(ModelError):
    """A question has no answer yet, and that is no failure: it was written into a batch file."""


class Gone(Later):
    """Nobody is there to answer any more: neither this question nor the next ones."""
