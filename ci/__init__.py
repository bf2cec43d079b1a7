"""What a pipeline needs beside GitLab and the CDK CLI; docs/ci.md has the whole picture."""
