"""The checks, grouped by what they look at; `cli.doctor.catalogue` has all of them in order."""
