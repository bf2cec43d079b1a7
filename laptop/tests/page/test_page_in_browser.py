"""The page as an on-call engineer sees it: `clickstream up`, then a real browser."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect
from tests.page.chromium import running_browser
from tests.page.inspection import pixels, violations

from tests.e2e.conftest import Laptop

WIDE, NARROW = ViewportSize(width=1280, height=900), ViewportSize(width=400, height=900)
SOON = 30_000
HOSTILE = '<img src=x onerror="window.hacked=true">'


@pytest.fixture(scope="module")
def laptop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    """A laptop with the pipeline deployed."""
    laptop = Laptop(tmp_path_factory.mktemp("local") / "state")
    try:
        assert "dashboard: http://127.0.0.1:" in laptop.run("up")
        yield laptop
    finally:
        laptop.run("down")
    assert laptop.processes() == []


@pytest.fixture(scope="module")
def servers(laptop: Laptop) -> dict[str, Any]:
    """What `clickstream status` says of each server."""
    report = json.loads(laptop.run("status", "--json"))
    return {server["name"]: server for server in report["local"]["servers"]}


@pytest.fixture(scope="module")
def cloudwatch(servers: dict[str, Any]) -> Any:
    return boto3.client(
        "cloudwatch",
        endpoint_url=servers["AWS emulator"]["endpoint"],
        region_name="eu-west-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser, servers: dict[str, Any]) -> Iterator[Page]:
    """The page, which must not have tripped over anything in the end."""
    page = browser.new_page(viewport=WIDE)
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    page.goto(servers["dashboard page"]["endpoint"])
    expect(page.locator("#live")).to_contain_text("live", timeout=SOON)
    yield page
    page.close()
    assert [trouble for trouble in troubles if "502" not in trouble and "ERR_" not in trouble] == []


def deployed_widgets(cloudwatch: Any) -> list[dict[str, Any]]:
    (entry,) = cloudwatch.list_dashboards()["DashboardEntries"]
    body = cloudwatch.get_dashboard(DashboardName=entry["DashboardName"])["DashboardBody"]
    widgets: list[dict[str, Any]] = json.loads(body)["widgets"]
    return widgets


def widget_with(page: Page, cloudwatch: Any, metric: str) -> Locator:
    """The chart that shows a metric."""
    (at, *_) = [
        number
        for number, widget in enumerate(deployed_widgets(cloudwatch))
        if any(metric in row for row in widget["properties"].get("metrics", []))
    ]
    return page.locator("#grid > .widget").nth(at)


def test_every_widget_of_the_deployed_dashboard_is_drawn(page: Page, cloudwatch: Any) -> None:
    widgets = deployed_widgets(cloudwatch)
    titles = [widget["properties"]["title"] for widget in widgets if "title" in widget["properties"]]
    expect(page.locator("#grid > .widget > h2")).to_have_text(titles)
    charts = [widget for widget in widgets if widget["type"] == "metric"]
    expect(page.locator("#grid canvas")).to_have_count(len(charts))
    for widget, drawn in zip(widgets, page.locator("#grid > .widget").all(), strict=True):
        box = drawn.bounding_box()
        assert box is not None
        # 24 columns of the grid, within the page's margins.
        assert box["x"] == pytest.approx(16 + (1280 - 32 + 8) / 24 * widget["x"], abs=2)


def test_every_alarm_is_there_with_its_state_in_words(page: Page, cloudwatch: Any) -> None:
    alarms = [
        alarm for widget in deployed_widgets(cloudwatch) for alarm in widget["properties"].get("alarms", [])
    ]
    assert alarms
    expect(page.locator(".tile")).to_have_count(len(set(alarms)))
    for tile in page.locator(".tile").all():
        expect(tile).to_contain_text(re.compile("OK|without data|in alarm"))


def test_a_tile_is_opened_and_closed_by_keyboard_and_says_what_the_alarm_means(
    page: Page, cloudwatch: Any
) -> None:
    tile = page.locator(".tile").first
    name = tile.get_attribute("title")
    kinds = ["MetricAlarm", "CompositeAlarm"]
    found = cloudwatch.describe_alarms(AlarmNames=[name], AlarmTypes=kinds)
    (alarm,) = found["MetricAlarms"] + found["CompositeAlarms"]
    tile.focus()
    page.keyboard.press("Enter")
    details = page.locator(":popover-open")
    expect(details).to_contain_text(alarm["AlarmDescription"][:60])
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(details).to_have_count(0)
    expect(tile).to_be_focused()


def test_every_alarm_leads_to_its_entry_of_the_runbook(page: Page, servers: dict[str, Any]) -> None:
    tiles, found = page.locator(".tile"), page.locator(".tile + .popover a")
    expect(tiles).not_to_have_count(0, timeout=SOON)
    expect(found).to_have_count(tiles.count())
    links = found.evaluate_all("all => all.map((link) => link.getAttribute('href'))")
    address = servers["dashboard page"]["endpoint"]
    for link in set(links):
        page.goto(address + link)
        expect(page.locator(":target")).to_be_visible()


def test_events_that_are_sent_show_as_a_line_and_as_rows(laptop: Laptop, page: Page, cloudwatch: Any) -> None:
    # The view, unlike the table, leaves canaries out.
    page.get_by_role("button", name="CLICK_EVENTS_DEDUPLICATED").click()
    expect(page.locator("#count")).to_have_text("0 rows", timeout=SOON)
    laptop.run("send", "--count", "300")
    expect(page.locator("#count")).to_have_text("300 rows", timeout=SOON)
    expect(page.locator("#rows tbody tr.new")).to_have_count(25)
    expect(page.locator("#rows th").first).to_have_text("LOADED_AT")

    chart = widget_with(page, cloudwatch, "IncomingRecords")
    # Many events share a record, so how many records there are is the producer's affair.
    expect(chart.locator(".legend b").first).to_have_text(re.compile(r"^\d"), timeout=SOON)
    expect(chart.locator(".canvas")).to_have_attribute("aria-label", re.compile(r" \d"))
    # One line may hide another where they have the same values.
    colors = chart.locator(".swatch").evaluate_all(
        "all => all.map((swatch) => getComputedStyle(swatch).color)"
    )
    assert sum(pixels(chart, color) for color in colors) > 10


def test_the_time_that_is_shown_is_chosen_by_mouse_or_keyboard(page: Page) -> None:
    with page.expect_response(lambda answer: "metrics?minutes=60" in answer.url):
        page.get_by_text("1 h", exact=True).click()
    with page.expect_response(lambda answer: "metrics?minutes=15" in answer.url):
        page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("radio", name="15 min")).to_be_checked()


def test_the_rows_of_a_table_or_a_view_are_a_click_away(page: Page) -> None:
    table = page.get_by_role("button", name="CLICK_EVENTS", exact=True)
    view = page.get_by_role("button", name="CLICK_EVENTS_DEDUPLICATED")
    canaries = page.locator("#rows tbody tr").filter(has_text="_canary")
    expect(table).to_have_attribute("aria-pressed", "true")
    expect(canaries.first).to_be_visible(timeout=SOON)
    view.click()
    expect(view).to_have_attribute("aria-pressed", "true")
    expect(table).to_have_attribute("aria-pressed", "false")
    expect(page.locator("#rows tbody tr").first).to_be_visible(timeout=SOON)
    expect(canaries).to_have_count(0)


def test_a_hostile_event_is_text_and_nothing_else(laptop: Laptop, page: Page, tmp_path: Path) -> None:
    event = {
        "event_id": "hostile",
        "event_type": HOSTILE,
        "timestamp": dt.datetime.now(dt.UTC).isoformat(),
        "properties": {HOSTILE: f"</td><script>{HOSTILE}</script>"},
        HOSTILE: HOSTILE,
    }
    file = tmp_path / "hostile.ndjson"
    file.write_text(json.dumps(event) + "\n")
    assert "1" in laptop.run("send", str(file))
    row = page.locator("#rows tbody tr").filter(has_text="hostile")
    expect(row).to_be_visible(timeout=SOON)
    # As a value, inside properties, and as the name of the column that the unknown field became.
    expect(row.locator("td").get_by_text(HOSTILE, exact=True).first).to_be_visible()
    expect(row.locator("td").filter(has_text="</script>")).to_have_count(1)
    expect(page.locator("#rows th").filter(has_text=re.compile("<img", re.IGNORECASE))).to_have_count(1)
    assert page.locator("#rows :is(img, script)").count() == 0
    assert page.evaluate("window.hacked") is None


def test_an_alarm_that_goes_off_stands_on_top_with_its_reason_and_what_to_do(
    page: Page, cloudwatch: Any
) -> None:
    cloudwatch.put_metric_alarm(
        AlarmName="page-test-too-much",
        AlarmDescription="There is too much. docs/runbook.md#too-much",
        Namespace="PageTest",
        MetricName="Much",
        Statistic="Maximum",
        Period=10,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="ignore",
    )
    cloudwatch.put_metric_data(
        Namespace="PageTest", MetricData=[{"MetricName": "Much", "Value": 7, "StorageResolution": 1}]
    )
    card = page.locator(".attention").filter(has_text="too-much")
    expect(card).to_contain_text("is in alarm", timeout=SOON)
    expect(card).to_contain_text("Threshold Crossed")
    expect(card).to_contain_text("There is too much.")
    expect(card.get_by_role("link")).to_have_attribute("href", "/docs/runbook.md#too-much")
    expect(page.locator("#health")).to_contain_text("in alarm")
    assert violations(page) == []
    cloudwatch.delete_alarms(AlarmNames=["page-test-too-much"])
    expect(card).to_have_count(0, timeout=SOON)


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_and_fits(page: Page, viewport: ViewportSize, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size(viewport)
    expect(page.locator("#rows tbody tr").first).to_be_visible(timeout=SOON)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_nothing_is_asked_for_while_nobody_looks(browser: Browser, servers: dict[str, Any]) -> None:
    page = browser.new_page()
    page.clock.install()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(servers["dashboard page"]["endpoint"])
    expect(page.locator("#rows tbody tr").first).to_be_visible(timeout=SOON)
    page.evaluate("Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_load_state("networkidle")
    page.clock.run_for(5_000)  # whatever was due comes to rest
    page.wait_for_load_state("networkidle")
    asked.clear()
    page.clock.run_for(60_000)
    expect(page.locator("#live")).to_contain_text("paused")
    assert asked == []
    page.evaluate("Object.defineProperty(document, 'hidden', { value: false, configurable: true })")
    with page.expect_response("**/api/alarms"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#live")).to_contain_text("live", timeout=SOON)
    page.close()


def test_whoever_does_not_answer_is_named_and_the_rest_goes_on(page: Page, servers: dict[str, Any]) -> None:
    """The last test: it ends the servers one after the other."""
    troubles = page.locator("#troubles")
    expect(troubles).to_be_empty()
    os.kill(servers["Snowflake stand-in"]["pid"], signal.SIGKILL)
    expect(troubles).to_contain_text("Snowflake stand-in does not answer", timeout=SOON)
    expect(troubles).not_to_contain_text("AWS emulator")
    expect(page.locator("#live")).to_contain_text("interrupted")
    with page.expect_response(lambda answer: "/metrics" in answer.url and answer.ok):
        pass
    os.kill(servers["AWS emulator"]["pid"], signal.SIGKILL)
    expect(troubles).to_contain_text("AWS emulator does not answer", timeout=SOON)
    os.kill(servers["dashboard page"]["pid"], signal.SIGKILL)
    expect(troubles).to_contain_text("dashboard page does not answer", timeout=SOON)
