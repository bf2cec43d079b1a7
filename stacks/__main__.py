"""Templates without the security review, for what deploys nothing: `cdk synth --app "python -m stacks"`."""

from stacks.pipeline import pipeline_app

pipeline_app().synth()
