"""CloudWatch alarms as AWS documents them: which datapoints an alarm sees, and what state follows from them."""

from laptop.aws.alarms.composite import CompositeAlarm
from laptop.aws.alarms.installation import install
from laptop.aws.alarms.watch import evaluate_all

__all__ = ["CompositeAlarm", "evaluate_all", "install"]
