"""Names that templates and functions must agree on: metrics, variables, properties, columns.

Constructs write them into templates; Lambdas, command and tests read them. It imports nothing.
"""
