"""Scripts of the page by themselves, without the app: what a test cannot bring about in it, as unreadable files."""

import json

import pytest

from editor.ui.components.html import from_template, script
from editor.ui.components.run_cards import run_cards

RUN = {"id": "one", "name": "One", "about": "", "state": "finished", "state_label": "Finished", "live": False}
RUN |= {"score": "", "facts": [], "picture": ""}

# As Gradio runs them; what they send is kept in `sent`, what they upload in `uploaded`, and `watched` is called when a
# new value is shown.
START = """([code, value]) => {
  [window.sent, window.uploaded, window.watched] = [[], [], []];
  const trigger = (name, data) => sent.push({ name, data });
  const upload = async (file) => { uploaded.push(file.name); return { path: `/cache/${file.name}` }; };
  const names = ["element", "props", "trigger", "watch", "upload"];
  const watch = (name, called) => watched.push(called);
  new Function(...names, code)(document.body, { value }, trigger, watch, upload);
}"""
# Things that a person drops, as the browser tells of them.
DROP = """async (things) => {
  const refuse = () => new DOMException("It may not be read", "NotReadableError");
  const content = ({ name, reads }) => reads === false
    ? { name, slice: () => ({ arrayBuffer: () => Promise.reject(refuse()) }) } : new File(["x"], name);
  const entry = (thing) => {
    const { name, inside, opens } = thing;
    const give = (get) => (done, failed) => opens === false ? failed(refuse()) : done(get());
    if (!inside) return { name, isFile: true, file: give(() => content(thing)) };
    const left = [inside.map(entry), []];
    return { name, isFile: false, createReader: () => ({ readEntries: give(() => left.shift()) }) };
  };
  const items = things.map((thing) => ({ webkitGetAsEntry: () => entry(thing) }));
  document.querySelector(".pb-drop").dispatchEvent(Object.assign(new Event("drop"), { dataTransfer: { items } }));
}"""


def test_the_title_tells_that_a_training_is_done_until_somebody_looks(page):
    page.set_content("<title>Pairbrush</title>")
    page.evaluate(START, [script("done_notice"), ""])
    tell = """([end, isSeen]) => {
      Object.defineProperty(document, "hidden", { value: !isSeen, configurable: true });
      document.hasFocus = () => isSeen;
      document.body.innerHTML = end ? `<i data-end="${end}" data-words="Beard is done"></i>` : "";
      watched.forEach((called) => called());
      if (isSeen) window.dispatchEvent(new Event("focus"));
      return document.title;
    }"""
    titles = [page.evaluate(tell, given) for given in (["", False], ["a 1", False], ["a 1", True], ["a 1", False])]
    assert titles == ["Pairbrush", "Beard is done · Pairbrush", "Pairbrush", "Pairbrush"]
    assert page.evaluate(tell, ["a 2", True]) == "Pairbrush", "somebody looks"


def start(page, html, code, value=None):
    page.set_content(html)
    page.evaluate(START, [code, value])


@pytest.fixture
def drop(page):
    """Drops things on a place for them that takes at most five files, and returns what it sends."""
    start(
        page,
        from_template("drop_place", folder="", label="Drop", help="Here", wait=""),
        script("folder_drop", most=5, at_once=5),
    )

    def drop(*things):
        page.evaluate(DROP, things)
        page.wait_for_function("sent.length > 0")
        (event,) = page.evaluate("sent")
        assert event["name"] == "dropped"
        return event["data"]

    return drop


def test_what_cannot_be_read_keeps_nothing_else_from_coming(drop):
    folder = {"name": "cats", "inside": [{"name": "a.png"}, {"name": "b.png", "opens": False}]}
    locked = {"name": "locked", "inside": [], "opens": False}
    clutter = {"name": ".DS_Store", "opens": False}
    assert drop(folder, {"name": "c.png", "reads": False}, locked, clutter, {"name": "d.png"}) == {
        "files": [{"path": "/cache/a.png", "name": "cats/a.png"}, {"path": "/cache/d.png", "name": "d.png"}],
        "folder": "",
        "total": 5,
        "unreadable": 3,
    }


def test_too_many_files_are_counted_and_none_is_uploaded(drop, page):
    told = drop({"name": "all", "inside": [{"name": f"{number}.png"} for number in range(6)]})
    assert (told["total"], told["files"], page.evaluate("uploaded")) == (6, [], [])


def test_a_double_click_copies_a_run_once(page):
    cards = run_cards()
    value = json.dumps({"runs": [RUN], "shown": None, "problems": []})
    start(page, cards.html_template, cards.js_on_load, value)
    page.get_by_label("Copy One").dblclick()
    acts = [event["data"]["action"] for event in page.evaluate("sent") if event["name"] == "act"]
    assert acts == ["copy"]


def test_a_run_is_shown_by_a_click_anywhere_on_its_card(page):
    cards = run_cards()
    start(page, cards.html_template, cards.js_on_load, json.dumps({"runs": [RUN], "shown": None, "problems": []}))
    card = page.locator(".pb-run")
    asked = "sent.filter(({ name }) => name === 'act').map(({ data }) => data.action)"
    card.locator("[data-about]").evaluate("words => words.parentElement.click()")
    assert page.evaluate(asked) == ["show"]
    card.locator("[data-action=copy]").click()
    card.locator("label").click()  # Compare
    assert page.evaluate(asked) == ["show", "copy"]


def test_a_wait_is_said_once_it_takes_long_and_until_it_is_over(page):
    start(page, from_template("waits"), script("waiting"))
    line = page.locator("[data-words]")
    tell = "([key, words]) => document.dispatchEvent(new CustomEvent('pb-wait', { detail: { key, words } }))"
    for key in ("edit", "import"):
        page.evaluate(tell, [key, f"Waiting for {key}"])
    assert line.is_hidden()  # a moment needs no words
    line.wait_for()
    assert line.inner_text() == "Waiting for import"
    page.evaluate(tell, ["import", ""])
    assert line.inner_text() == "Waiting for edit"
    assert page.evaluate("document.documentElement.dataset.waits") == "edit"
    page.evaluate(tell, ["edit", ""])
    assert line.is_hidden()


def test_a_plan_that_arrives_after_a_newer_one_is_asked_for_again(page):
    start(page, "", script("plan_view", words={}))

    def show(revision):
        plan = "" if revision is None else f'<section class="pb-plan" data-revision="{revision}"></section>'
        page.evaluate("(plan) => { document.body.innerHTML = plan; watched.forEach((called) => called()); }", plan)
        return [event["data"]["action"] for event in page.evaluate("sent.splice(0)")]

    assert [show(revision) for revision in (5, 5, 7)] == [[], [], []]
    assert show(5) == ["show"]
    assert show(8) == []  # what comes then is newer
    assert [show(None), show(8)] == [[], ["show"]]  # an answer from before it was stored or discarded
    assert [show(None), show(None), show(12)] == [[], [], []]
