"""What the jobs of the pipeline do beyond the verbs that everyone uses; docs/ci.md has the whole picture."""
