"""Names, accounts and regions of config files: derived, and refused where they would mislead or collide."""

from __future__ import annotations

import re
from pathlib import Path

import botocore.session
import pytest

from config.examples import require_filled_in
from config.files import CONFIG_DIR, ConfigError, load_config
from tests.unit.config_files import MINIMAL, ORDERS, refusal, write


def test_names_are_given_or_derived_from_name_and_environment(tmp_path: Path) -> None:
    config = load_config("mine", write(tmp_path, 'name = "web"\n' + MINIMAL))
    (clicks,) = config.event_streams
    assert (clicks.stream_name, clicks.delivery_stream_name) == ("web-mine-events", "web-mine-to-lake")
    assert config.names.snowpipe_user == "web-mine-snowpipe"
    given = load_config("mine", write(tmp_path, f'[access]\nuser_name = "reader"\n{MINIMAL}'))
    assert given.names.snowpipe_user == "reader"


def test_names_in_snowflake_follow_from_name_and_environment_unless_given(tmp_path: Path) -> None:
    names = load_config(
        "mine-2", write(tmp_path, f'name = "web-shop"\n{MINIMAL}role = "loader"\n', "mine-2")
    ).snowflake
    assert names.role == "LOADER"
    assert (names.database, names.warehouse, names.storage_integration) == (
        "WEB_SHOP_MINE_2",
        "WEB_SHOP_MINE_2",
        "WEB_SHOP_MINE_2_LAKE",
    )
    assert (names.user, names.monitor_user, names.monitor_role) == (
        "WEB_SHOP_MINE_2_DEPLOY",
        "WEB_SHOP_MINE_2_MONITOR",
        "WEB_SHOP_MINE_2_MONITOR",
    )


def test_a_copied_file_is_another_deployment(tmp_path: Path) -> None:
    """The way to a second environment that README shows: copy the file, change what must differ."""
    for env in ("prod", "dev"):
        write(tmp_path, (CONFIG_DIR / f"{env}.toml").read_text(), env)
    write(tmp_path, (CONFIG_DIR / "prod.toml").read_text(), "prod-us")
    assert load_config("prod-us", tmp_path).snowflake.user == "CLICKSTREAM_PROD_US_DEPLOY"
    assert load_config("prod", tmp_path).snowflake.user == "CLICKSTREAM_PROD_DEPLOY"


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ('user = "x"\n', "user X"),
        ('monitor_user = "x"\n', "user X"),
        ('role = "x"\n', "role X"),
        ('storage_integration = "x"\n', "storage integration X"),
        ('database = "x"\n', "file format X.RAW.CLICK_EVENTS_JSON"),
        ('database = "x"\nfile_format = "{env}"\n', "pipe X.RAW.CLICK_EVENTS_PIPE"),
        (
            'database = "x"\nfile_format = "{env}"\nstage = "{env}s"\npipe = "{env}p"\nview = "{env}v"\n',
            "table X.RAW.CLICK_EVENTS",
        ),
    ],
)
def test_two_environments_do_not_share_what_is_one_environments_own(
    tmp_path: Path, settings: str, what: str
) -> None:
    account = '[snowflake]\naccount = "{}"\n'
    write(tmp_path, account.format("MyOrg-my_acct") + settings.replace("{env}", "theirs"), "theirs")
    mine = settings.replace("{env}", "mine")
    with pytest.raises(
        ConfigError, match=f"environments mine and theirs would share the {re.escape(what)} of"
    ):
        load_config("mine", write(tmp_path, account.format("myorg-my-acct") + mine))
    elsewhere = load_config("mine", write(tmp_path, account.format("myorg-other") + mine))
    assert elsewhere.snowflake.account == "myorg-other"


def test_environments_of_one_account_may_share_warehouse_and_database(tmp_path: Path) -> None:
    shared = MINIMAL + 'database = "x"\nwarehouse = "x"\nschema = "{}"\n'
    write(tmp_path, shared.format("theirs"), "theirs")
    assert load_config("mine", write(tmp_path, shared.format("mine"))).snowflake.warehouse == "X"


@pytest.mark.parametrize(
    "account", ["myorg-my_account", "MYORG-ACCT2", "xy12345", "xy12345.eu-central-1", "ab1.west-europe.azure"]
)
def test_account_identifiers_of_either_form_are_accepted(tmp_path: Path, account: str) -> None:
    assert (
        load_config("mine", write(tmp_path, f'[snowflake]\naccount = "{account}"\n')).snowflake.account
        == account
    )


@pytest.mark.parametrize(
    ("account", "told"),
    [
        ("myorg-acct.snowflakecomputing.com", "an address; give the account identifier"),
        ("xy12345.eu-central-1.snowflakecomputing.com", "an address"),
        ("myorg-acct.SnowflakeComputing.cn", "an address"),
        ("https://myorg-acct.snowflakecomputing.com/", "an address"),
        ("app.snowflake.com/myorg/acct", "an address"),
        ("MYORG.MYACCT", "joined by a hyphen here: MYORG-MYACCT"),
        ("myorg.my_acct", "joined by a hyphen here: myorg-my_acct"),
        ("myorg/acct", "an address"),
        ("myorg-acct ", "does not fit"),
        ("myorg acct", "does not fit"),
        ("-acct", "does not fit"),
        ("myorg-acct.privatelink", "does not fit"),
    ],
)
def test_other_spellings_of_an_account_are_refused(tmp_path: Path, account: str, told: str) -> None:
    (line,) = refusal(tmp_path, f'[snowflake]\naccount = "{account}"\n')[1:]
    assert line.startswith(f"  - snowflake.account = {account!r}: ")
    assert told in line


def test_examples_are_not_deployed(tmp_path: Path) -> None:
    text = (
        '{}[ops]\nrunbook_url = "https://wiki.example.com/x"\n'
        '[ops.critical]\nemails = ["me@mine.io", "a@example.com"]\n[ops.warning]\nhttps_endpoint = "https://chat.example.org/hook"\n'
        + MINIMAL
    )
    with pytest.raises(ValueError, match=r"config/mine.toml still has examples") as caught:
        require_filled_in(load_config("mine", write(tmp_path, text.format(""))))
    for named in (
        "snowflake.account = 'myorg-myaccount'",
        "ops.runbook_url = 'https://wiki.example.com/x'",
        "ops.critical.emails = 'a@example.com'",
        "ops.warning.https_endpoint = 'https://chat.example.org/hook'",
    ):
        assert named in str(caught.value)
    assert "me@mine.io" not in str(caught.value)
    require_filled_in(load_config("mine", write(tmp_path, text.format("laptop = true\n"))))
    require_filled_in(load_config("mine", write(tmp_path, '[snowflake]\naccount = "acme-clicks"\n')))


@pytest.mark.parametrize(
    ("access", "stages"),
    [
        ("", ["CLICK_EVENTS_LAKE", "ORDERS_LAKE"]),
        (
            '[access]\nmode = "storage_integration"\n',
            ["CLICK_EVENTS_LAKE_INTEGRATION", "ORDERS_LAKE_INTEGRATION"],
        ),
    ],
)
def test_each_access_mode_has_its_own_stages(tmp_path: Path, access: str, stages: list[str]) -> None:
    """Snowflake does not switch a stage between a key and an integration."""
    orders = f'[[more_events]]\nname = "orders"\ncontract = "{ORDERS}"\ntable = "orders"\ndata_prefix = "orders/"\n'
    config = load_config("mine", write(tmp_path, access + MINIMAL + orders))
    assert [stream.stage for stream in config.event_streams] == stages


def test_a_derived_name_too_long_for_snowflake_is_refused(tmp_path: Path) -> None:
    long = f'stage = "{"S" * 250}"\n'
    assert load_config("mine", write(tmp_path, MINIMAL + long))
    told = refusal(tmp_path, '[access]\nmode = "storage_integration"\n' + MINIMAL + long)
    assert "the stage of clicks would have a name of 262 characters, and Snowflake allows 255" in told[-1]


def test_snowflake_names_fold_to_upper_case(tmp_path: Path) -> None:
    config = load_config("mine", write(tmp_path, MINIMAL + 'database = "clicks"\n'))
    assert config.snowflake.database == "CLICKS"


def test_every_region_of_the_standard_partition_is_allowed(tmp_path: Path) -> None:
    session = botocore.session.get_session()
    for partition in session.get_available_partitions():
        for region in session.get_available_regions("kinesis", partition):
            text = f'region = "{region}"\n{MINIMAL}'
            if partition == "aws":
                assert load_config("mine", write(tmp_path, text)).region == region
            else:
                assert f"region = '{region}': not supported: outside AWS's" in refusal(tmp_path, text)[1]


@pytest.mark.parametrize("region", ["eu-wets-1", "eu-west", "eu--1", "euwest-1"])
def test_a_misspelt_region_is_refused(region: str, tmp_path: Path) -> None:
    assert f"region = '{region}': does not fit" in refusal(tmp_path, f'region = "{region}"\n{MINIMAL}')[1]
