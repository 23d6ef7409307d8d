"""What several visitors drop at the same time."""

import threading
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

from editor.ui.access import Access
from editor.ui.app import build_app, launch
from editor.workspace import imports
from tests.faults.server import Page
from tests.services import open_visitors
from tests.ui.uploads import toy_pairs


def test_a_large_import_of_one_visitor_holds_up_no_other(tmp_path, monkeypatch):
    """Also not where Gradio lets events wait for each other."""
    begun, go_on = threading.Event(), threading.Event()
    understand = imports.extend_plan

    def slowly(*args):
        if not begun.is_set():  # the first one only
            begun.set()
            assert go_on.wait(60)
        return understand(*args)

    def drop_pair(page):
        files = []
        for name, picture in toy_pairs(("source/a.png", "target/a.png")).items():
            packed = BytesIO()
            picture.save(packed, format="PNG")
            files.append({"path": page.upload("a.png", packed.getvalue())["path"], "name": name})
        return page.call("add_files", ["toy", None], event_data={"files": files, "folder": ""})

    monkeypatch.setattr(imports, "extend_plan", slowly)
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "public" / "cache"))
    with open_visitors(tmp_path / "public") as visitors, ThreadPoolExecutor() as others:
        app = build_app(visitors)
        url, _ = launch(app, visitors, access=Access("127.0.0.1", is_public=True), port=None, open_browser=False)
        try:
            ada, eve = (Page(url) for _ in range(2))
            for page in (ada, eve):
                page.http.get("/")
                assert page.look().success
            large = others.submit(drop_pair, ada)
            assert begun.wait(60)
            assert "Added 1 pair" in str(drop_pair(eve).output)
            assert not large.done()
            go_on.set()
            assert "Added 1 pair" in str(large.result(60).output)
        finally:
            go_on.set()
            app.close()
