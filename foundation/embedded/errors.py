class EmbeddedServersError(RuntimeError):
    """The application's own servers cannot run; the text says what happened, what was kept and what to do."""
