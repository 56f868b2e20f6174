"""The shell in a real browser: keys, focus, what is typed, one sending, a lost network, the content policy."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect

from clinic.kernel import i18n
from tests.browser import listen, served
from tests.kitchen import create_app

pytestmark = pytest.mark.journey

SCREENS = ["desk", "registrar", "pharmacist", "stock", "handover", "tonight", "triage", "refused", "entrance", "wall"]
LANGUAGES = list(i18n.LANGUAGES)
THEMES = ["light", "dark"]


@pytest.fixture(scope="module")
def kitchen(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return create_app(tmp_path_factory.mktemp("kitchen"))


@pytest.fixture(scope="module")
def address(kitchen: Flask) -> Iterator[str]:
    with served(kitchen) as address:
        yield address


@pytest.fixture
def received(kitchen: Flask) -> list[dict[str, str]]:
    told: list[dict[str, str]] = kitchen.extensions["received"]
    told.clear()
    return told


def violations(page: Page) -> list[str]:
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [f"{one['id']} ({one['impact']}): {node['html'][:120]}" for one in found for node in one["nodes"]]


# ---- what everybody sees -------------------------------------------------------------------------------------------


@pytest.mark.heavy
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("refused", ["", "&refused=1"], ids=["fresh", "refused"])
def test_every_part_is_accessible_and_breaks_no_policy(
    page: Page, address: str, language: str, theme: str, refused: str
) -> None:
    complaints = listen(page)
    page.goto(f"{address}/parts?lang={language}&theme={theme}{refused}")
    assert violations(page) == []
    assert complaints == []


@pytest.mark.heavy
@pytest.mark.parametrize("screen", SCREENS)
def test_every_screen_is_accessible_and_breaks_no_policy(page: Page, address: str, screen: str) -> None:
    complaints = listen(page)
    page.goto(f"{address}/{screen}")
    assert violations(page) == []
    assert complaints == []


@pytest.mark.heavy
@pytest.mark.parametrize("width", [683, 820, 1024, 1366, 1920])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_no_screen_overflows_sideways(page: Page, address: str, width: int, language: str) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    for screen in ("parts", "desk", *([] if language == "ar" else SCREENS)):
        page.goto(f"{address}/{screen}?lang={language}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, screen


def test_the_theme_follows_the_system_without_script(browser: Browser, address: str) -> None:
    context = browser.new_context(color_scheme="dark", java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/desk?theme=auto")
    expect(page.locator("body")).to_have_css("background-color", "rgb(18, 24, 26)")
    expect(page.locator(".btn-primary").first).to_have_css("background-color", "rgb(116, 197, 205)")
    context.close()


@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_stop_of_the_tab_key_has_one_ring(page: Page, address: str, language: str) -> None:
    page.goto(f"{address}/parts?lang={language}")
    seen = 0
    for _step in range(60):
        page.keyboard.press("Tab")
        ring = page.evaluate(
            """() => {
                const one = document.activeElement;
                if (one === document.body) return null;
                const beside = one.matches('.picks input') ? one.nextElementSibling : one.closest('.entry') ?? one;
                const style = getComputedStyle(beside);
                const own = getComputedStyle(one);
                return [style.outlineStyle, style.outlineWidth, own.boxShadow, one.outerHTML.slice(0, 80)];
            }"""
        )
        if ring is None:
            break
        seen += 1
        assert ring[:3] == ["solid", "3px", "none"], ring[3]
    assert seen > 25


@pytest.mark.parametrize(
    ("screen", "name"), [("registrar", "q"), ("triage", "v2"), ("pharmacist", "scan"), ("parts", "weight")]
)
def test_nothing_moves_when_a_field_takes_the_focus(page: Page, address: str, screen: str, name: str) -> None:
    page.goto(f"{address}/{screen}")
    field = page.locator(f"[name={name}]")
    field.focus()
    focused = field.bounding_box()
    field.blur()
    assert field.bounding_box() == focused


def test_what_is_focused_is_never_under_the_sticky_bar(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 1366, "height": 600})
    page.goto(f"{address}/parts")
    for _step in range(40):
        page.keyboard.press("Tab")
        covered = page.evaluate(
            """() => {
                const one = document.activeElement, bar = document.querySelector('.statebar');
                if (one === document.body || bar.contains(one)) return false;
                return one.getBoundingClientRect().bottom > bar.getBoundingClientRect().top + 1;
            }"""
        )
        assert not covered, page.evaluate("document.activeElement.outerHTML.slice(0, 120)")


# ---- keys ----------------------------------------------------------------------------------------------------------


def press(page: Page, key: str, code: str, **held: bool) -> None:
    """Press a key of any keyboard: what it writes, and where it lies."""
    page.evaluate(
        """([key, code, held]) => document.activeElement.dispatchEvent(
            new KeyboardEvent('keydown', {key, code, bubbles: true, cancelable: true, ...held}))""",
        [key, code, held],
    )


@pytest.mark.parametrize(
    ("key", "code", "held"),
    [("/", "Slash", {}), ("/", "Digit7", {"shiftKey": True}), ("ظ", "Slash", {})],
    ids=["US", "Turkish Q", "Arabic"],
)
def test_the_search_key_works_on_every_keyboard(
    page: Page, address: str, key: str, code: str, held: dict[str, bool]
) -> None:
    page.goto(f"{address}/plain")
    press(page, key, code, **held)
    expect(page.get_by_label("Search")).to_be_focused()


def test_a_slash_typed_in_a_text_stays_text_and_a_point_is_no_slash(page: Page, address: str) -> None:
    page.goto(f"{address}/plain")
    press(page, ".", "Slash")
    expect(page.get_by_label("Search")).not_to_be_focused()
    page.get_by_label("Text").fill("")
    page.get_by_label("Text").press_sequentially("1/2")
    expect(page.get_by_label("Text")).to_have_value("1/2")


@pytest.mark.parametrize(
    ("key", "code"), [("2", "Digit2"), ("é", "Digit2"), ("٢", "Digit2")], ids=["US", "AZERTY", "Arabic"]
)
def test_alt_and_a_digit_choose_the_specialty(page: Page, address: str, key: str, code: str) -> None:
    page.goto(f"{address}/plain")
    press(page, key, code, altKey=True)
    expect(page.get_by_label("Two")).to_be_checked()


def test_writing_a_character_with_alt_is_left_alone(page: Page, address: str) -> None:
    page.goto(f"{address}/plain")
    press(page, "2", "Numpad2", altKey=True)
    press(page, "2", "Digit2", altKey=True, ctrlKey=True)
    expect(page.get_by_label("Two")).not_to_be_checked()


@pytest.mark.parametrize(
    ("key", "code"), [("o", "KeyO"), ("o", "KeyF"), ("خ", "KeyO")], ids=["US", "Turkish F", "Arabic"]
)
def test_alt_and_a_letter_follow_the_letter_then_its_place(page: Page, address: str, key: str, code: str) -> None:
    page.goto(f"{address}/plain")
    page.evaluate("orders.onclick = () => orders.setAttribute('aria-pressed', 'true')")
    press(page, key, code, altKey=True)
    expect(page.get_by_role("button", name="Orders")).to_have_attribute("aria-pressed", "true")


def test_arrows_move_in_a_list_and_enter_opens(page: Page, address: str) -> None:
    page.goto(f"{address}/plain")
    page.keyboard.press("/")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="Hit 1")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("End")
    expect(page.get_by_role("link", name="Hit 3")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_label("Search")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk?hit=1")


def test_f2_and_escape_lead_away(page: Page, address: str) -> None:
    page.goto(f"{address}/plain")
    page.keyboard.press("F2")
    page.wait_for_url("**/desk?new=1")
    page.goto(f"{address}/plain")
    page.keyboard.press("Escape")
    page.wait_for_url("**/desk?back=1")


def test_a_person_who_switched_the_keys_off_has_none_and_sees_none(page: Page, address: str) -> None:
    page.goto(f"{address}/plain?keys=off")
    page.keyboard.press("/")
    expect(page.get_by_label("Search")).not_to_be_focused()
    page.keyboard.press("F2")
    press(page, "2", "Digit2", altKey=True)
    expect(page.get_by_label("Two")).not_to_be_checked()
    expect(page.locator("kbd").first).to_be_hidden()
    assert page.url.endswith("/plain?keys=off")


# ---- what is typed is not lost -------------------------------------------------------------------------------------


def test_a_key_that_leaves_asks_first_where_something_is_typed(page: Page, address: str) -> None:
    page.goto(f"{address}/plain")
    page.get_by_label("Text").fill("cough")
    page.keyboard.press("F2")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_role("button", name="Stay here").click()
    expect(page.get_by_label("Text")).to_have_value("cough")
    assert page.url.endswith("/plain")
    page.keyboard.press("F2")
    page.get_by_role("button", name="Leave without saving").click()
    page.wait_for_url("**/desk?new=1")


def test_another_form_of_the_page_asks_too_and_the_language_comes_back_here(page: Page, address: str) -> None:
    page.goto(f"{address}/plain")
    page.get_by_label("Text").fill("cough")
    page.get_by_role("button", name="Türkçe").click()
    page.get_by_role("button", name="Stay here").click()
    expect(page.get_by_label("Text")).to_have_value("cough")
    page.get_by_role("button", name="Türkçe").click()
    page.get_by_role("button", name="Leave without saving").click()
    expect(page.locator("html")).to_have_attribute("lang", "tr")
    assert page.url.endswith("/plain")


def test_nothing_is_asked_where_nothing_is_typed_or_the_page_stays(page: Page, address: str) -> None:
    page.goto(f"{address}/plain")
    page.get_by_label("Text").fill("cough")
    page.get_by_role("link", name="On this page").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_label("Text").fill("")
    page.keyboard.press("F2")
    page.wait_for_url("**/desk?new=1")


def test_a_form_that_can_be_parked_is_parked_and_left(page: Page, address: str, received: list[dict[str, str]]) -> None:
    page.goto(f"{address}/plain?park=1")
    page.get_by_label("Text").fill("cough")
    page.keyboard.press("F2")
    page.wait_for_url("**/desk?new=1")
    assert [(one.get("parked"), one["text"]) for one in received] == [("yes", "cough")]


def test_a_draft_is_kept_when_the_hands_rest_and_then_nothing_is_asked(
    page: Page, address: str, received: list[dict[str, str]]
) -> None:
    page.goto(f"{address}/plain?park=1")
    page.get_by_label("Text").fill("cough")
    expect(page.locator("#kept")).to_have_text("Draft kept 18:58:41")
    assert [one["text"] for one in received] == ["cough"]
    page.keyboard.press("F2")
    page.wait_for_url("**/desk?new=1")
    assert len(received) == 1


# ---- sending -------------------------------------------------------------------------------------------------------


def test_five_presses_send_once(page: Page, address: str, received: list[dict[str, str]]) -> None:
    page.goto(f"{address}/plain")
    page.get_by_label("Text").fill("cough")
    for _press in range(5):
        page.keyboard.press("Control+Enter")
    page.wait_for_url("**/plain?saved=1")
    assert [one["text"] for one in received] == ["cough"]


def test_a_double_click_sends_once(page: Page, address: str, received: list[dict[str, str]]) -> None:
    page.goto(f"{address}/plain")
    page.get_by_label("Text").fill("cough")
    page.get_by_role("button", name="Save").dblclick()
    page.wait_for_url("**/plain?saved=1")
    assert len(received) == 1


def test_a_refused_form_takes_the_focus_and_its_lines_lead_to_the_fields(page: Page, address: str) -> None:
    page.goto(f"{address}/refused?refused=1")
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_role("link", name="Date of birth").click()
    born = page.get_by_label("Date of birth")
    expect(born).to_be_focused()
    expect(born).to_have_attribute("aria-invalid", "true")
    expect(born).to_have_accessible_description(
        "or year, or about 34 April has 30 days. If only the year is known, write 1992."
    )
    expect(born).to_have_value("31.04.1992")


def test_a_swapped_refusal_takes_the_focus_too(page: Page, address: str) -> None:
    page.goto(f"{address}/plain")
    page.evaluate("document.getElementById('swapped').setAttribute('hx-select', '#errors')")
    page.locator("#swap").click()
    expect(page.get_by_role("alert")).to_be_focused()


@pytest.mark.parametrize("status", [400, 403, 409, 500])
def test_a_failure_behind_the_scenes_is_said_aloud(page: Page, address: str, status: int) -> None:
    page.goto(f"{address}/plain")
    page.locator(f"#b{status}").click()
    expect(page.locator("#notice")).to_have_text("Not sent.")


def test_htmx_leaves_no_page_in_the_browsers_store(page: Page, address: str) -> None:
    page.goto(f"{address}/plain")
    page.locator("#swap").click()
    expect(page.locator("#parts")).to_be_attached()
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert (
        page.evaluate("htmx.config.allowEval || htmx.config.includeIndicatorStyles || htmx.config.historyCacheSize")
        == 0
    )


# ---- a lost network ------------------------------------------------------------------------------------------------


def test_a_lost_network_is_said_within_five_seconds_and_nothing_typed_is_lost(
    page: Page, browsing: BrowserContext, address: str, received: list[dict[str, str]]
) -> None:
    page.goto(f"{address}/plain")
    page.get_by_label("Text").fill("cough")
    page.route("**/static/**", lambda route: route.abort())  # the server is gone; the browser itself has not noticed
    expect(page.locator("#offline")).to_be_visible(timeout=5000)
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_label("Text")).to_have_value("cough")
    assert received == []
    page.unroute("**/static/**")
    page.get_by_role("button", name="Try again").click()
    page.wait_for_url("**/plain?saved=1")
    assert [one["text"] for one in received] == ["cough"]


def test_a_browser_that_goes_offline_says_so_at_once(page: Page, browsing: BrowserContext, address: str) -> None:
    page.goto(f"{address}/plain")
    browsing.set_offline(offline=True)
    expect(page.locator("#offline")).to_be_visible(timeout=1000)
    browsing.set_offline(offline=False)
    expect(page.locator("#offline")).to_be_hidden()


def test_a_list_does_not_change_under_the_hand(page: Page, address: str) -> None:
    page.goto(f"{address}/plain")
    page.locator("#steady").focus()
    with page.expect_response("**/broken/200"):
        page.evaluate("htmx.trigger('#steady', 'refresh')")
    expect(page.locator("#steady")).to_have_text("As it was")
    page.get_by_label("Search").focus()
    page.evaluate("htmx.trigger('#steady', 'refresh')")
    expect(page.locator("#steady")).to_have_text("Not sent.")


def test_paper_is_black_on_white_without_the_frame_even_from_a_dark_screen(page: Page, address: str) -> None:
    page.goto(f"{address}/stock?theme=dark")
    page.emulate_media(media="print")
    expect(page.locator("body")).to_have_css("background-color", "rgb(255, 255, 255)")
    expect(page.locator("h1")).to_have_css("color", "rgb(0, 0, 0)")
    expect(page.locator(".topbar")).to_be_hidden()
    expect(page.locator(".btn").first).to_be_hidden()


# ---- small things --------------------------------------------------------------------------------------------------


def test_the_keypad_writes_into_the_figure_last_touched(page: Page, address: str) -> None:
    page.goto(f"{address}/plain")
    page.get_by_label("Figure").focus()
    page.get_by_role("button", name="7").click()
    page.get_by_role("button", name="7").click()
    page.get_by_role("button", name="Erase").click()
    expect(page.get_by_label("Figure")).to_have_value("7")
    expect(page.get_by_label("Figure")).to_be_focused()


def test_every_page_works_without_script(browser: Browser, address: str, received: list[dict[str, str]]) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/plain")
    page.get_by_label("Text").fill("cough")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/plain?saved=1")
    assert [one["text"] for one in received] == ["cough"]
    context.close()


def test_pictures_of_every_screen_can_be_taken(page: Page, address: str, tmp_path: Path) -> None:
    for screen, language in (("desk", "ar"), ("triage", "tr"), ("wall", "tr")):
        page.goto(f"{address}/{screen}?lang={language}")
        page.screenshot(path=tmp_path / f"{screen}.png")
        assert (tmp_path / f"{screen}.png").stat().st_size > 20_000
