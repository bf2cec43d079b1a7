"""Config files: valid ones load; for others the error lists all mistakes at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import ROOT
from config.files import CONFIG_DIR, ConfigError, load_config
from config.model import PipelineConfig
from tests.unit.config_files import MINIMAL, ORDERS, refusal, write


@pytest.mark.parametrize("env", sorted(path.stem for path in CONFIG_DIR.glob("*.toml")))
def test_files_of_this_repository_load(env: str) -> None:
    assert load_config(env).env == env


def test_only_prod_is_a_production_environment_and_the_default_is_the_safe_one(tmp_path: Path) -> None:
    assert {s: load_config(s).production for s in ("prod", "dev", "local")} == {
        "prod": True,
        "dev": False,
        "local": False,
    }
    assert load_config("mine", write(tmp_path, MINIMAL)).production is True


@pytest.mark.parametrize(
    ("settings", "fate"),
    [
        ("", "folded"),
        ("schema_evolution = true\n", "folded"),
        ("schema_evolution = true\n[gate]\nenabled = false\n", "column"),
        ("schema_evolution = false\n[gate]\nenabled = false\n", "left out"),
    ],
)
def test_the_fate_of_unlisted_fields(tmp_path: Path, settings: str, fate: str) -> None:
    assert load_config("mine", write(tmp_path, MINIMAL + settings)).unlisted == fate


def test_all_mistakes_are_reported_at_once(tmp_path: Path) -> None:
    lines = refusal(
        tmp_path,
        'regoin = "eu-west-1"\naccount = "12"\n'
        '[streaming]\nbuffer_interval_seconds = 9000\nsource = "sqs"\n[streaming.kinesis]\nshard_cont = 2\n',
    )
    assert lines[0] == f"{tmp_path}/mine.toml has 6 problems:"
    told = "\n".join(lines[1:])
    assert (
        "regoin = 'eu-west-1': unknown key; did you mean region? allowed here: name, account, region" in told
    )
    assert "account = '12' does not fit: AWS account, 12 digits" in told
    assert "streaming.buffer_interval_seconds = 9000: input should be less than or equal to 900" in told
    assert "streaming.source = 'sqs': input should be 'kinesis' or 'direct_put'" in told
    assert "streaming.kinesis.shard_cont = 2: unknown key; did you mean shard_count?" in told
    assert "snowflake is missing" in told


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("ABORT_STATEMENT", "must be CONTINUE or SKIP_FILE"),
        ("SKIP_FILE_10", "does not support a number or percentage of errors. Use CONTINUE, or SKIP_FILE"),
        ("SKIP_FILE_10%", "does not support a number or percentage of errors. Use CONTINUE, or SKIP_FILE"),
    ],
)
def test_only_what_error_tables_support_is_allowed_on_error(tmp_path: Path, value: str, told: str) -> None:
    assert told in "\n".join(refusal(tmp_path, f'{MINIMAL}on_error = "{value}"\n'))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[storage]\nerror_prefix = "events/failed/"\n', "must be siblings"),
        ("[storage]\ninfrequent_access_after_days = 10\n", "S3 allows 30 or more, or 0"),
        ("[storage]\nexpire_events_after_days = 20\n", "must exceed infrequent_access_after_days = 30"),
        ("[ops.alarms]\ndatapoints_to_alarm = 6\n", "must be at most evaluation_periods = 5"),
        (
            "[ops.alarms]\nperiod_seconds = 45\n",
            "ops.alarms.period_seconds = 45: a period is a multiple of 60",
        ),
        ("[ops.alarms]\nperiod_seconds = 10\n", "only a laptop environment may have periods shorter than 60"),
        ("[monitor]\nwindow_seconds = 30\n", "monitor.window_seconds = 30: AWS publishes"),
        ("[monitor]\nstatus_period_seconds = 90\n", "monitor.status_period_seconds = 90: a period is"),
        ("[monitor]\nwindow_seconds = 7200\n", "less than or equal to 3600"),
        ("[ops.alarms]\nno_data_minutes = 2000\n", "less than or equal to 1440"),
        ('[ops.critical]\nemails = ["someone"]\n', "ops.critical.emails.0 = 'someone'"),
        (
            '[ops.warning]\nhttps_endpoint = "http://a.example"\n',
            "does not fit: https address of a pager, which confirms by itself",
        ),
        (
            '[ops.warning]\nhttps_endpoint = "{{resolve:ssm:x}}"\n',
            "does not fit: https address of a pager, which confirms by itself",
        ),
        ('[ops]\nrunbook_url = "wiki#page"\n', "does not fit: where docs/runbook.md is published"),
        ('[storage]\ndata_prefix = "events"\n', "ends with /"),
        ('[sample_producer]\nvpc_id = "vpc-01234567"\n', "go together: give both, or neither"),
        ('[sample_producer]\ninstance_type = "micro"\n', "such as t4g.micro (arm64) or t3.micro"),
        ("[sample_producer]\nevents_per_second = 0\n", "should be greater than 0"),
        ('[sample_producer]\ninstance_type = "t2.micro"\n', "t2 has no EBS optimization"),
        ('[sample_producer]\ninstance_type = "m3.large"\n', "m3 has no EBS optimization"),
        ('[sample_producer]\ninstance_type = "a1.medium"\n', "a1 does not run Amazon Linux 2023"),
        ('[sample_producer]\ninstance_type = "mac2.metal"\n', "mac2 does not run Amazon Linux 2023"),
        (f'[storage]\nerror_prefix = "{"e" * 60}/"\n', "S3 allows 64 in the name of a metric: shorten it"),
        (f'[storage]\ndata_prefix = "{"d" * 128}/"\n', "at most 128 characters"),
        ('[storage]\ndata_prefix = "a/../b/"\n', "ends with /"),
        ('[storage]\ndata_prefix = "./"\n', "ends with /"),
        ('[storage]\nbucket_name = "a.b..c"\n', "a dot in a bucket's name"),
        ('[storage]\nbucket_name = "a.-b"\n', "a dot in a bucket's name"),
        ('[storage]\nbucket_name = "a-.b"\n', "a dot in a bucket's name"),
        ('[storage]\nbucket_name = "192.168.5.4"\n', "does not look like an IP address"),
        ('[storage]\nbucket_name = "xn--lake"\n', "S3 reserves names"),
        ('[storage]\nbucket_name = "sthree-lake"\n', "S3 reserves names"),
        ('[storage]\nbucket_name = "amzn-s3-demo-lake"\n', "S3 reserves names"),
        ('[storage]\nbucket_name = "lake-s3alias"\n', "S3 reserves names"),
        ('[storage]\nbucket_name = "lake--ol-s3"\n', "S3 reserves names"),
        ('[storage]\nbucket_name = "lake--table-s3"\n', "S3 reserves names"),
        ('[storage]\nbucket_name = "Lake"\n', "3-63 lower-case letters"),
        ('[ops.critical]\nemails = ["a@acme.io", "A@acme.io"]\n', "an address is there twice"),
        ('[ops.critical]\nemails = ["a@acme"]\n', "ops.critical.emails.0"),
        ('[ops.critical]\nemails = ["a b@acme.io"]\n', "ops.critical.emails.0"),
        (f'[ops.critical]\nemails = ["{"a" * 65}@acme.io"]\n', "ops.critical.emails.0"),
        (f'[ops]\nrunbook_url = "https://{"w" * 501}"\n', "does not fit: where docs/runbook.md is published"),
        ('[access]\nrole_name = "clickstream-mine-canary"\n', "is the name of another role"),
        (f'[ci]\ngitlab_url = "https://{"g" * 250}.io"\n', "at most 255 characters"),
        ('[tags]\n"aws:team" = "x"\n', "keys that begin with aws: are reserved"),
        ('[tags]\n"AWS:team" = "x"\n', "keys that begin with aws: are reserved"),
        ('[tags]\nenv = "x"\n', "'env' is 'env' again: the deployment sets it itself"),
        ('[tags]\nEnv = "x"\n', "'Env' is 'env' again: the deployment sets it itself"),
        ('[tags]\nteam = "x"\nTeam = "x"\n', "'Team' is 'team' again: IAM's tag keys ignore case"),
        (f'[tags]\n"{"k" * 129}" = "x"\n', "a tag's key has 1 to 128 letters"),
        (f'[tags]\nteam = "{"v" * 257}"\n', "a tag's value has 1 to 256 letters"),
        ('[tags]\nteam = ""\n', "a tag's value has 1 to 256 letters"),
        ('[tags]\nteam = " x"\n', "a tag's value has 1 to 256 letters"),
        ('[tags]\nteam = "a&b"\n', "a tag's value has 1 to 256 letters"),
        ("[tags]\n" + "".join(f'k{n} = "x"\n' for n in range(50)), "50 tags: AWS allows 50 on a resource"),
    ],
)
def test_values_must_fit_each_other(tmp_path: Path, text: str, told: str) -> None:
    assert told in "\n".join(refusal(tmp_path, text + MINIMAL))


def test_a_login_secret_whose_name_looks_like_an_arn_is_refused(tmp_path: Path) -> None:
    text = MINIMAL + 'login = "key_pair"\nlogin_secret_name = "{}"\nmonitor_login_secret_name = "monitor"\n'
    assert "looks like a complete ARN" in refusal(tmp_path, text.format("clicks-deploy"))[1]
    for name in ("clicks-deployer", "clicks/deploy", "deploy"):
        assert load_config("mine", write(tmp_path, text.format(name))).snowflake.login_secret_name == name


def test_what_aws_takes_is_taken(tmp_path: Path) -> None:
    tags = "".join(f'k{n} = "a b.c:d/e=f+g-h@i_j é"\n' for n in range(49))
    text = f"""[tags]\n{tags}[storage]\nbucket_name = "a.b-c.1"\nerror_prefix = "{"e" * 57}/"
        [ops.critical]\nemails = ["a+b.c@mail.acme.co.uk", "b@acme.io"]\n{MINIMAL}"""
    config = load_config("mine", write(tmp_path, text))
    assert (len(config.tags), config.storage.bucket_name) == (49, "a.b-c.1")


def test_the_sample_producers_contract_is_in_the_bundled_folder(tmp_path: Path) -> None:
    file = tmp_path / "event.schema.json"
    file.write_bytes((ROOT / "contract" / "order_event.schema.json").read_bytes())
    elsewhere = f'contract = "{file}"\n{MINIMAL}'
    told = "\n".join(refusal(tmp_path, f"{elsewhere}[sample_producer]\nenabled = true\n"))
    assert f"the contract must be a file in it, got {str(file)!r}" in told
    assert load_config("mine", write(tmp_path, elsewhere)).contract == str(file)


def test_a_mistake_in_a_repeated_section_is_explained(tmp_path: Path) -> None:
    more = f'[[more_events]]\nname = "Orders"\ncontract = "{ORDERS}"\ndata_prefix = "o/"\ntabel = "T"\n'
    told = "\n".join(refusal(tmp_path, MINIMAL + more))
    assert "more_events.0.name = 'Orders' does not fit: in the names of its streams" in told
    assert "more_events.0.tabel = 'T': unknown key; did you mean table?" in told
    assert "more_events.0.table is missing: its table" in told


def kinds(number: int, name: str = "kind") -> str:
    return "".join(
        f'[[more_events]]\nname = "{name}{n}"\ncontract = "{ORDERS}"\ndata_prefix = "k{n}/"\ntable = "T{n}"\n'
        for n in range(number)
    )


def test_a_delivery_stream_name_too_long_for_firehose_is_refused(tmp_path: Path) -> None:
    env, base = "s" * 16, f'name = "{"n" * 21}"\n{MINIMAL}'
    (_, longest) = load_config(env, write(tmp_path, base + kinds(1, "m" * 16), env)).event_streams
    assert len(longest.delivery_stream_name) == 64
    with pytest.raises(ConfigError, match=r"has 65 characters, and Firehose allows 64: shorten 'm{17}0'"):
        load_config(env, write(tmp_path, base + kinds(1, "m" * 17), env))


def test_the_number_of_kinds_of_event_is_limited_by_the_composite_alarm(tmp_path: Path) -> None:
    assert len(load_config("mine", write(tmp_path, MINIMAL + kinds(7))).event_streams) == 8
    assert "more_events" in (told := refusal(tmp_path, MINIMAL + kinds(8))[1])
    assert "at most 7 items" in told


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ("", "stream_name"),
        (
            '[streaming]\ndelivery_stream_name = "clickstream-mine-events-to-lake"\n'
            '[streaming.kinesis]\nstream_name = "clicks"\n',
            "delivery_stream_name",
        ),
        ('[streaming.kinesis]\nstream_name = "clicks"\n[snowflake]\npipe = "T_PIPE"\n', "pipe"),
    ],
)
def test_derived_names_of_two_kinds_of_event_must_differ(tmp_path: Path, settings: str, what: str) -> None:
    """The default stream name of `events` is the one that clicks have by default."""
    account = 'account = "myorg-myaccount"\n'
    more = f'[[more_events]]\nname = "events"\ncontract = "{ORDERS}"\ndata_prefix = "k/"\ntable = "T"\n'
    text = settings + (account if "[snowflake]" in settings else f"[snowflake]\n{account}")
    assert f"{what} must be unique" in refusal(tmp_path, text + more)[1]


def test_key_pair_login_needs_its_secret(tmp_path: Path) -> None:
    assert "needs login_secret_name" in refusal(tmp_path, MINIMAL + 'login = "key_pair"\n')[1]


def test_the_monitor_has_its_own_key_user_and_role(tmp_path: Path) -> None:
    key_pair = MINIMAL + 'login = "key_pair"\nlogin_secret_name = "deploy"\n'
    assert "needs snowflake.monitor_login_secret_name" in refusal(tmp_path, key_pair)[1]
    assert (
        "are both X: the monitor may only read"
        in refusal(tmp_path, MINIMAL + 'user = "x"\nmonitor_user = "X"\n')[1]
    )
    assert (
        "needs another role" in refusal(tmp_path, MINIMAL + 'monitor_role = "clickstream_mine_deploy"\n')[1]
    )
    off = 'monitor_role = "clickstream_mine_deploy"\n[monitor]\nenabled = false\n'
    assert load_config("mine", write(tmp_path, key_pair + off)).monitor.enabled is False


def test_short_periods_are_for_the_laptop(tmp_path: Path) -> None:
    periods = (
        "[ops.alarms]\nperiod_seconds = 10\n[monitor]\nwindow_seconds = 30\nstatus_period_seconds = 10\n"
    )
    config = load_config("mine", write(tmp_path, "laptop = true\n" + periods + MINIMAL))
    assert config.ops.alarms.period_seconds == 10


def test_unknown_environment_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no environment 'staging': .* has mine\."):
        load_config("staging", write(tmp_path, MINIMAL))


def test_invalid_toml_is_reported_with_its_line(tmp_path: Path) -> None:
    assert "is not TOML" in refusal(tmp_path, "a = = b")[0]
    assert "line 1" in refusal(tmp_path, "a = = b")[0]


def test_the_environments_name_is_that_of_its_file(tmp_path: Path) -> None:
    assert "remove the key" in refusal(tmp_path, 'env = "prod"\n' + MINIMAL)[0]


def test_config_cannot_be_changed() -> None:
    config = load_config("dev")
    with pytest.raises(ValueError, match="frozen"):
        config.env = "prod"


def test_every_key_is_described() -> None:
    from config.files import fields_by_key

    for name, section in fields_by_key(PipelineConfig).items():
        model = section.annotation
        if isinstance(model, type) and hasattr(model, "model_fields"):
            assert model.__doc__, name
        else:
            assert section.description, name
