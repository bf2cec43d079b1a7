"""Drift detection of CloudFormation: resources that were changed outside their stack."""

from laptop.aws.drift.detection import install

__all__ = ["install"]
