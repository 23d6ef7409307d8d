"""An effect leaves as a file and comes back by being dropped on the page."""

import zipfile

import pytest
from playwright.sync_api import expect

from tests.browser.pages import before_and_after, choose_effect, expect_error, open_app, open_tab
from tests.conftest import draw_toy_pair

DROP = """async ([bytes, name]) => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes)], name));
  const target = document.querySelector("#steps");
  for (const kind of ["dragenter", "dragover", "drop"]) {
    target.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
  }
}"""


@pytest.fixture
def share(page, app_url, run):
    open_app(page, app_url)
    choose_effect(page, "Edit tests")
    open_tab(page, "5 Share")
    expect(page.locator("#share-pairbrush article")).to_be_visible()
    return page


def drop_file(page, data, name):
    page.evaluate(DROP, [list(data), name])


def test_an_effect_file_edits_where_it_is_dropped(share, tmp_path, errors, workspace, app_url):
    with share.expect_download() as download:
        share.locator("#share-pairbrush").get_by_role("button", name="Download").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert path.suffix == ".pairbrush"
    assert set(zipfile.ZipFile(path).namelist()) == {"config.json", "card.md", "model.safetensors"}

    open_tab(share, "1 Pairs")
    drop_file(share, path.read_bytes(), path.name)
    expect(share.get_by_role("tab", name="4 Edit")).to_have_attribute("aria-selected", "true")
    expect(share.locator("#effect input")).not_to_have_value("Edit tests")
    draw_toy_pair(100, 96)[0].save(tmp_path / "me.png")
    share.set_input_files("#edit-photo input[type=file]", tmp_path / "me.png")
    expect(share.locator("#edit-after img")).to_be_visible()
    before, after = before_and_after(share)
    assert after[..., 2].mean() > before[..., 2].mean() + 5, "the disc is blue"
    open_tab(share, "2 Train")
    expect(share.locator("#train-status")).to_contain_text("Came as a file")
    expect(share.locator("#train-continue")).not_to_be_visible()
    assert not errors


def test_a_file_that_is_none_is_refused_in_a_sentence(share, errors):
    drop_file(share, b"hello", "<b>odd.pairbrush")
    expect_error(share, "is no effect file")
    expect(share.get_by_role("tab", name="5 Share")).to_have_attribute("aria-selected", "true")
    assert not errors
