"""Functions that run on a schedule, beside the pipeline and not in it."""
