"""CloudWatch alarms as AWS documents them: the datapoints that an alarm evaluates, and the resulting state."""

from laptop.aws.alarms.composite import CompositeAlarm
from laptop.aws.alarms.installation import install
from laptop.aws.alarms.watch import evaluate_all

__all__ = ["CompositeAlarm", "evaluate_all", "install"]
