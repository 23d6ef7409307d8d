from playwright.sync_api import expect

from tests.browser.pages import looks_like_something, open_app, open_tab, screenshot

TABS = ("1 Pairs", "2 Train", "3 Inspect", "4 Edit", "5 Share")
WIDTHS = (390, 820, 1280, 1440, 1920)  # pixels
DRAWN = (("dark", 390), ("light", 1280))  # what is looked at as a picture, too

# Wait until what moves or fades in has arrived, and was drawn; what goes round and round never does.
STILL = """async () => {
    const frame = () => new Promise(requestAnimationFrame);
    await frame();
    const passing = ({ effect }) => effect.getComputedTiming().endTime !== Infinity;
    await Promise.allSettled(document.getAnimations().filter(passing).map(({ finished }) => finished));
    await frame();
}"""


# What reaches over an edge of the window, beyond which nobody can scroll, and how far the tabs are from both edges.
MISPLACED = """(theme) => {
    document.body.classList.toggle("dark", theme === "dark");
    const width = document.documentElement.clientWidth;
    const cuts = (node) => getComputedStyle(node).overflowX !== "visible" && node.scrollWidth > node.clientWidth + 1;
    const isCut = (node) => node !== document.body && (cuts(node) || isCut(node.parentElement));
    const isOut = (node) => {
        const box = node.getBoundingClientRect();
        return box.width > 1 && box.height > 1 && (box.left < -1 || box.right > width + 1) && !isCut(node);
    };
    const steps = document.querySelector("#steps").getBoundingClientRect();
    return {
        out: [...document.querySelectorAll("button, input, select, textarea, img, a, label, p, h1, h2, h3, li, th, td")]
            .filter((node) => node.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }) && isOut(node))
            .map((node) => `${node.tagName} ${node.id || node.className} ${node.innerText}`),
        wide: document.documentElement.scrollWidth - width,
        skew: steps.left + steps.right - width,
    };
}"""

# How well a line or a text stands out: WCAG 2.2, "contrast ratio", of its color and the background below it.
CONTRAST = """([selector, name]) => {
    const context = document.createElement("canvas").getContext("2d");
    const luminance = (color) => {
        context.fillStyle = color;
        context.fillRect(0, 0, 1, 1);
        const levels = [...context.getImageData(0, 0, 1, 1).data].slice(0, 3).map((level) => level / 255);
        const [r, g, b] = levels.map((level) => level <= 0.04045 ? level / 12.92 : ((level + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const below = (node) => {
        const color = getComputedStyle(node).backgroundColor;
        return color === "rgba(0, 0, 0, 0)" ? below(node.parentElement) : color;
    };
    const shown = [...document.querySelectorAll(selector)].find((node) => node.checkVisibility());
    const [one, other] = [getComputedStyle(shown)[name], below(shown)].map(luminance);
    return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
}"""
STANDS_OUT = {  # by tab: what must, by which property, and how well at least
    "1 Pairs": ((".pb-drop", "borderTopColor", 1.3),),
    "2 Train": (
        ("polyline.pb-dashed", "stroke", 3),
        (".pb-legend", "color", 4.5),
        (".pb-legend .pb-dashed", "borderTopColor", 3),
    ),
}


def test_every_tab_fits_and_follows_the_theme(page, app_url, errors):
    requests = []
    page.on("request", lambda request: requests.append(request.url))
    open_app(page, app_url, theme="dark")
    for tab in TABS:
        expect(page.get_by_role("tab", name=tab)).to_be_visible()  # and not in a menu
        open_tab(page, tab)
        expect(page.get_by_role("tab", name=tab)).to_have_attribute("aria-selected", "true")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 844})
            page.evaluate("() => new Promise(requestAnimationFrame)")  # scripts that follow the size have run
            for theme in ("light", "dark"):
                found = page.evaluate(MISPLACED, theme)
                assert found["out"] == [] and found["wide"] <= 0 and abs(found["skew"]) <= 2, (tab, theme, width, found)
                if (theme, width) in DRAWN:
                    check_drawn(page, tab, theme)
    assert not errors
    elsewhere = [url for url in requests if not url.startswith((app_url, "data:", "blob:"))]
    assert not elsewhere, "nothing is loaded from other servers"


def check_drawn(page, tab, theme):
    """Check that colors follow the theme, and that nothing vanishes in it."""
    page.evaluate(STILL)
    for selector, name, least in STANDS_OUT.get(tab, ()):
        assert page.evaluate(CONTRAST, [selector, name]) >= least, (theme, selector)
    image = screenshot(page)
    assert looks_like_something(image), tab
    assert (image[:, 0].mean() < 80) == (theme == "dark"), tab


def test_other_host_names_are_refused(playwright, app_url):
    request = playwright.request.new_context(extra_http_headers={"Host": "evil.example"})
    assert request.get(app_url).status == 400
    request.dispose()


def test_only_the_cache_is_served(page, app_url, workspace):
    secret = next((workspace / "effects").rglob("effect.json"))
    assert page.request.get(f"{app_url}/gradio_api/file={secret}").status == 403
    assert page.request.get(f"{app_url}/gradio_api/file=/etc/passwd").status == 403
    assert page.request.get(f"{app_url}/monitoring").status in (403, 404)
