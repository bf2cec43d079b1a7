"""A live environment switched between Snowpipe's two ways to read the lake, and back."""

from __future__ import annotations

from tests.e2e.everything.conftest import Pipeline


def test_a_live_stage_is_switched_to_an_integration_and_back(as_left: Pipeline) -> None:
    pipeline = as_left  # the tests of the role's rights made the first switch
    rows, distinct = pipeline.rows()
    with pipeline.traffic("local", rate=50) as sent:
        for access, keys in (("role and user", 0), ("role", 0), ("user", 1)):
            # Its last deployment is also the one that test_data_loss.py needs.
            pipeline.deploy(access, deletable=access == "user")
            assert len(access_keys(pipeline)) == keys
    pipeline.arrived(rows + sent[0], distinct + sent[0])
    total = distinct + sent[0]
    assert pipeline.rows("click_events_deduplicated") == (total, total)


def access_keys(pipeline: Pipeline) -> list[str]:
    """The keys of every IAM user, of whom there is one at most."""
    iam = pipeline.client("iam")
    users = [user["UserName"] for user in iam.list_users()["Users"]]
    return [
        key["AccessKeyId"]
        for user in users
        for key in iam.list_access_keys(UserName=user)["AccessKeyMetadata"]
    ]
