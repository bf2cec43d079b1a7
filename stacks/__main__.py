"""Templates without the security review, for uses that deploy nothing: `cdk synth --app "python -m stacks"`."""

from stacks.pipeline import pipeline_app

pipeline_app().synth()
