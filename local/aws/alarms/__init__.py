"""CloudWatch alarms as AWS documents them: which datapoints an alarm sees, and what state follows from them."""

from local.aws.alarms.composite import CompositeAlarm
from local.aws.alarms.installation import install
from local.aws.alarms.watch import evaluate_all

__all__ = ["CompositeAlarm", "evaluate_all", "install"]
