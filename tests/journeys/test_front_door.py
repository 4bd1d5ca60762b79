"""The page before the sign-in, and the proof that the watch over a window sees what it is there to see."""

import pytest


@pytest.mark.parametrize("locale", ["zh-TW", "en"])
def test_the_sign_in_page_is_in_order(watch, axe, locale):
    page = watch(locale=locale)
    page.goto("/")
    assert page.locator("form").count() >= 1
    axe(page)


def test_what_goes_wrong_in_a_window_is_noted(page, faults):
    page.goto("/")
    page.evaluate(
        """() => {
            const wrong = '<p style="color: red">x</p><img src="/nowhere.png" alt="">';
            document.body.insertAdjacentHTML("beforeend", wrong);
            setTimeout(() => { throw new Error("thrown on purpose") }, 0);
        }"""
    )
    page.wait_for_load_state("networkidle")
    seen = "\n".join(faults)
    faults.clear()
    assert "inline style" in seen
    assert "404" in seen
    assert "thrown on purpose" in seen


def test_a_page_that_breaks_a_rule_of_accessibility_is_seen(page, axe):
    page.goto("/")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<button></button>')")
    with pytest.raises(AssertionError, match="button-name"):
        axe(page)
