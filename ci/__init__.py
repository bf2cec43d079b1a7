"""Steps of the GitLab pipeline that neither GitLab nor the CDK CLI provides; see docs/ci.md."""
