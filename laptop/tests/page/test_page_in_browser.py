"""The page as an on-call engineer sees it, in a real browser."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from inspection import pixels, violations
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect
from processes import alive
from scene import LATE, MUCH, WIDGETS, Scene, set_scene

from laptop.testing.browser import running_browser
from laptop.testing.waiting import eventually

WIDE, NARROW = ViewportSize(width=1280, height=900), ViewportSize(width=400, height=900)
# The page polls every few seconds, and the machine may be busy.
expect.set_options(timeout=30_000)
HOSTILE = '<img src=x onerror="window.hacked=true">'
BROWSING = """
from laptop.testing.browser import running_browser
with running_browser():
    print("started", flush=True)
    input()
"""


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory, docs: Path) -> Iterator[Scene]:
    """A separate cloud, since the last test stops its servers."""
    with set_scene(tmp_path_factory.mktemp("scene"), docs) as scene:
        yield scene


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser, scene: Scene) -> Iterator[Page]:
    """The page, which must have logged no error at the end."""
    page = browser.new_page(viewport=WIDE)
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    page.goto(scene.cloud.page_address or "")
    expect(page.locator("#live")).to_contain_text("live")
    yield page
    page.close()
    assert [trouble for trouble in troubles if "502" not in trouble and "ERR_" not in trouble] == []


def widget(page: Page, title: str) -> Locator:
    return page.locator("#grid > .widget").filter(has=page.get_by_role("heading", name=title))


def test_every_widget_of_the_dashboard_is_drawn_at_its_place(page: Page) -> None:
    titles = [widget["properties"]["title"] for widget in WIDGETS if "title" in widget["properties"]]
    expect(page.locator("#grid > .widget > h2")).to_have_text(titles)
    expect(page.locator("#grid canvas")).to_have_count(3)
    expect(widget(page, "Now").locator("dd")).to_have_text("7")
    expect(widget(page, "Lines")).to_contain_text("drawn by the AWS console only")
    expect(page.get_by_role("link", name="elsewhere")).to_have_attribute("target", "_blank")
    for wanted, drawn in zip(WIDGETS, page.locator("#grid > .widget").all(), strict=True):
        box = drawn.bounding_box()
        assert box is not None
        # 24 columns of the grid, within the page's margins.
        assert box["x"] == pytest.approx(16 + (1280 - 32 + 8) / 24 * wanted["x"], abs=2)


def test_alarms_follow_the_runbook_with_their_state_in_words(page: Page) -> None:
    tiles = page.locator(".tile")
    expect(tiles).to_have_count(2)
    assert [tile.get_attribute("title") for tile in tiles.all()] == [LATE, MUCH]
    for tile in tiles.all():
        expect(tile).to_contain_text(re.compile("OK|without data|in alarm"))


def test_a_tile_opens_and_closes_by_keyboard_and_links_to_the_runbook(page: Page, scene: Scene) -> None:
    page.locator(".tile").first.focus()
    page.keyboard.press("Enter")
    details = page.locator(":popover-open")
    expect(details).to_contain_text("It is too late.")
    assert details.inner_text().count("Runbook") == 1
    assert violations(page) == []
    address = details.get_by_role("link").get_attribute("href")
    page.keyboard.press("Escape")
    expect(details).to_have_count(0)
    page.goto(f"{scene.cloud.page_address}{address}")
    expect(page.locator(":target")).to_have_text("too-late")


def test_values_show_as_a_line_and_as_a_number(page: Page, scene: Scene) -> None:
    records = widget(page, "Records")
    scene.measure(Records=8)
    expect(records.locator(".legend b").first).to_have_text("15")
    expect(records.locator(".canvas")).to_have_attribute("aria-label", re.compile("Records 15"))
    # Lines with the same values may hide each other.
    colors = records.locator(".swatch").evaluate_all(
        "all => all.map((swatch) => getComputedStyle(swatch).color)"
    )
    assert sum(pixels(records, color) for color in colors) > 10


def test_a_number_has_a_short_unit_and_its_axis_the_rest_of_the_label(page: Page) -> None:
    expect(widget(page, "Time taken").locator(".legend b")).to_have_text("2.5 s")
    split = "label => import('/static/format.js').then((format) => format.splitLabel(label))"
    assert page.evaluate(split, "milliseconds an hour") == {"unit": "ms", "axis": "an hour"}
    assert page.evaluate(split, "share") == {"unit": "", "axis": "share"}


def test_a_chart_without_data_says_so_and_the_others_are_drawn(page: Page) -> None:
    chart = widget(page, "Never sent")
    note = chart.locator(".empty")
    expect(note).to_have_text(re.compile("no data in the last 1[56] min"))
    places = [chart.locator(part).bounding_box() for part in (".canvas", ".empty", ".legend")]
    canvas, text, legend = [place for place in places if place is not None]
    assert canvas["y"] + canvas["height"] <= text["y"] + 1
    assert text["y"] + text["height"] <= legend["y"] + 1


def test_the_time_range_is_chosen_by_mouse_or_keyboard(page: Page) -> None:
    with page.expect_response(lambda answer: "metrics?minutes=60" in answer.url):
        page.get_by_text("1 h", exact=True).click()
    with page.expect_response(lambda answer: "metrics?minutes=15" in answer.url):
        page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("radio", name="15 min")).to_be_checked()


def test_new_rows_show_in_the_view_and_the_table_is_one_click_away(page: Page, scene: Scene) -> None:
    view = page.get_by_role("button", name="CLICKS_ONCE")
    table = page.get_by_role("button", name="CLICKS", exact=True)
    rows = page.locator("#rows tbody tr")
    expect(view).to_have_attribute("aria-pressed", "true")
    scene.land("first", "click")
    scene.land("tick", "_canary")
    expect(rows.filter(has_text="first")).to_be_visible()
    expect(page.locator("#rows th").first).to_have_text("LOADED_AT")
    expect(rows.filter(has_text="_canary")).to_have_count(0)
    table.click()
    expect(table).to_have_attribute("aria-pressed", "true")
    expect(view).to_have_attribute("aria-pressed", "false")
    expect(rows.filter(has_text="_canary")).to_be_visible()
    scene.land("second", "click")
    expect(page.locator("#rows tr.new")).to_contain_text("second")


def test_a_hostile_event_is_shown_as_text(page: Page, scene: Scene) -> None:
    name = HOSTILE.replace('"', '""')
    scene.sql(
        f'CREATE TABLE DB.RAW."{name}" ("{name}" VARCHAR)',
        f"""INSERT INTO DB.RAW."{name}" VALUES ('</td><script>{HOSTILE}</script>')""",
    )
    page.get_by_role("button", name=HOSTILE).click()
    expect(page.locator("#rows td")).to_have_text(f"</td><script>{HOSTILE}</script>")
    expect(page.locator("#rows th")).to_have_text(HOSTILE, ignore_case=True)
    assert page.locator("#rows :is(img, script)").count() == 0
    assert page.evaluate("window.hacked") is None
    scene.sql(f'DROP TABLE DB.RAW."{name}"')


def test_a_firing_alarm_is_at_the_top_with_its_reason_and_action(page: Page, scene: Scene) -> None:
    scene.put_alarm("scene-ringing", "There are too many. docs/runbook.md#too-much", above=1)
    card = page.locator(".attention")
    expect(card).to_contain_text("ringing is in alarm")
    expect(card).to_contain_text("Threshold Crossed")
    expect(card).to_contain_text("There are too many.")
    expect(card.get_by_role("link")).to_have_attribute("href", "/docs/runbook.md#too-much")
    expect(page.locator("#health")).to_contain_text("1 in alarm")
    assert violations(page) == []
    scene.cloudwatch.delete_alarms(AlarmNames=["scene-ringing"])
    expect(card).to_have_count(0)


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_and_fits(page: Page, viewport: ViewportSize, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size(viewport)
    expect(page.locator("#rows tbody tr").first).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_a_hidden_page_sends_no_requests(browser: Browser, scene: Scene) -> None:
    page = browser.new_page()
    page.clock.install()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(scene.cloud.page_address or "")
    expect(page.locator("#rows tbody tr").first).to_be_visible()
    page.evaluate("Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_load_state("networkidle")
    page.clock.run_for(5_000)  # wait for pending requests
    page.wait_for_load_state("networkidle")
    asked.clear()
    page.clock.run_for(60_000)
    expect(page.locator("#live")).to_contain_text("paused")
    assert asked == []
    page.evaluate("Object.defineProperty(document, 'hidden', { value: false, configurable: true })")
    with page.expect_response("**/api/alarms"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#live")).to_contain_text("live")
    page.close()


def test_a_killed_test_run_leaves_no_browser() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", BROWSING], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "started\n"
        started = psutil.Process(run.pid).children(recursive=True)
        assert any("chrom" in process.name() for process in started)
        run.kill()
    eventually(lambda: not any(alive(process.pid) for process in started))


def test_a_server_without_an_answer_is_named_and_the_rest_still_works(page: Page, scene: Scene) -> None:
    """Runs last, since it stops the servers one after the other."""
    emulator, stand_in, page_server = scene.cloud.status().servers
    troubles = page.locator("#troubles")
    expect(troubles).to_be_empty()
    os.kill(stand_in.pid, signal.SIGKILL)
    expect(troubles).to_contain_text("Snowflake stand-in does not answer")
    expect(troubles).not_to_contain_text("AWS emulator")
    expect(page.locator("#live")).to_contain_text("interrupted")
    with page.expect_response(lambda answer: "/metrics" in answer.url and answer.ok):
        pass
    os.kill(emulator.pid, signal.SIGKILL)
    expect(troubles).to_contain_text("AWS emulator does not answer")
    os.kill(page_server.pid, signal.SIGKILL)
    expect(troubles).to_contain_text("dashboard page does not answer")
