"""The page: header, five tabs, and the polling that keeps every open page up to date."""

from __future__ import annotations

import os
import signal
from dataclasses import asdict

import gradio as gr
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from editor.errors import UserError
from editor.ui import api, header, live, messages
from editor.ui.access import Access
from editor.ui.archive_route import archive_route
from editor.ui.components.address import OPENING, address_bar
from editor.ui.components.done_notice import notice_place
from editor.ui.components.effect_drop import effect_drop, opened
from editor.ui.components.focus_rules import focus_rules
from editor.ui.components.polling import polling
from editor.ui.components.waiting import waiting_line
from editor.ui.components.welcome import welcome_place
from editor.ui.first_script import run_first
from editor.ui.guard import Guard
from editor.ui.handlers import bound
from editor.ui.inputs import CheckedBlocks, sent
from editor.ui.server import patient_server
from editor.ui.state import Seen
from editor.ui.tabs import edit, inspect, pairs, share, train
from editor.ui.theme import launch_options
from editor.workspace import Services, Visitors

MAX_WAITING = 64  # events in the queue; one page has a handful
CACHE_SECONDS = 3600  # how long Gradio keeps uploads and pictures that it made


def build_app(services: Services | Visitors) -> gr.Blocks:
    """Return the app, ready to be launched with `theme.launch_options`.

    Args:
        services: The one object to ask or, in public mode, those who each have one.
    """
    with CheckedBlocks(title=messages.app.PRODUCT, analytics_enabled=False, delete_cache=(600, CACHE_SECONDS)) as app:
        api.build(services)  # first, so that no event of the page has its name
        remembered = gr.BrowserState(None, storage_key="pairbrush-effect", secret="pairbrush")
        run = gr.State(None)
        seen = gr.State(Seen())
        top = header.build(services)
        greeting = welcome_place()
        if isinstance(services, Visitors):
            gr.Markdown(_limits(services), elem_id="public-limits", elem_classes="pb-help")
        with gr.Tabs(elem_id="steps") as tabs:
            with gr.Tab(messages.app.TABS["pairs"], id="pairs") as tab:
                pairs_tab = pairs.build(services, top, tab)
            with gr.Tab(messages.app.TABS["train"], id="train"):
                train_tab = train.build(services, top.effect, run)
            with gr.Tab(messages.app.TABS["inspect"], id="inspect") as tab:
                inspect_tab = inspect.build(services, run, seen, tab)
            with gr.Tab(messages.app.TABS["edit"], id="edit"):
                edit_tab = edit.build(services, run, app.load)
            with gr.Tab(messages.app.TABS["share"], id="share"):
                share_tab = share.build(services, top.effect, run)

        effect = top.effect
        pickers = (train_tab.run, inspect_tab.run, edit_tab.run, share_tab.run)
        picked = [
            picker.input(lambda chosen: chosen, picker, run, trigger_mode="always_last", api_visibility="private")
            for picker in pickers
        ]
        effect.change(None, effect, remembered, js="(effect) => effect")
        for handler, given, timer in (
            (_inspecting, None, inspect_tab.timer),
            (edit.watching, edit_tab.newest, edit_tab.timer),
        ):
            tabs.select(
                bound(handler, services),
                given,
                timer,
                trigger_mode="multiple",  # of two quick clicks, the second counts
                api_visibility="private",
                show_progress="hidden",
            )

        focus_rules()
        waiting_line()
        polled, place, notice = polling(), address_bar(), notice_place()
        taken = opened(effect_drop(), services, effect, run)
        moved = place.moved(
            bound(live.move, services),
            None,
            [effect, run],
            trigger_mode="multiple",
            api_visibility="private",
            show_progress="hidden",
        )
        tabs_changes = (*pairs_tab.changes, *train_tab.changes, *edit_tab.changes, *share_tab.changes)
        changes = [event.success for event in (top.created, moved, taken, *tabs_changes, *picked)]
        wanted = (app.load, effect.input, train_tab.fit.change, *changes)
        refreshes = [(polled.poll, False), *((event, True) for event in wanted)]
        for event, is_asked_for in refreshes:
            event(
                bound(live.refresh if is_asked_for else live.poll, services, is_shown=is_asked_for),
                [effect, remembered, run, seen, pairs_tab.view, train_tab.fit],
                [
                    run,
                    seen,
                    effect,
                    *pairs_tab.live,
                    polled,
                    top.next_step,
                    greeting,
                    place,
                    notice,
                    *train_tab.live,
                    edit_tab.hint,
                    *share_tab.live,
                    *pickers,
                ],
                show_progress="hidden",
                trigger_mode="always_last" if is_asked_for else "once",
                concurrency_limit=None,
                # Unchecked, for two events at once can leave Gradio with a list of effects that lacks the selected one,
                # and then it would refuse every refresh, which alone could bring the list up to date.
                preprocess=False,
                js=OPENING if event == app.load else None,
                api_name="poll_page",
                api_visibility="private",
            )
    api.hide_others(app)
    for event in app.fns.values():
        if event.show_progress == "hidden":
            event.show_progress_on = []  # else the page tells every output four times, each found by a search
    return app


def serve(
    app: gr.Blocks, services: Services | Visitors, *, access: Access, port: int | None, open_browser: bool
) -> None:
    """Serve the app until the process is interrupted; the arguments are those of `launch`.

    Raises:
        UserError: The address cannot be had, for instance because the port is taken.
    """
    # Both end the app as Ctrl-C does, so that a training is saved; SIGHUP comes when the terminal is closed.
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:  # which nohup sets
            signal.signal(number, signal.default_int_handler)
    local, public = launch(app, services, access=access, port=port, open_browser=open_browser)
    if access.has_public_link and not public:
        print(messages.app.NO_SHARE, flush=True)
    if isinstance(services, Visitors):
        print(messages.app.PUBLIC.format(hours=services.limits.hours), flush=True)
    print(messages.app.READY.format(url=public or local), flush=True)
    app.block_thread()


def launch(
    app: gr.Blocks, services: Services | Visitors, *, access: Access, port: int | None, open_browser: bool
) -> tuple[str, str | None]:
    """Serve the app in the background and return its address and, if it is shared, its public link.

    Args:
        app: What `build_app` returned.
        services: The same as the app's.
        access: Who may reach it.
        port: None leaves it to Gradio.
        open_browser: Whether to open a browser window.

    Raises:
        UserError: The address cannot be had, for instance because the port is taken.
    """
    run_first("loading_clock")
    try:
        with patient_server():
            _, local, public = app.queue(max_size=MAX_WAITING, api_open=False).launch(
                server_name=access.host,
                server_port=port,
                share=access.has_public_link,
                auth=access.account.admits if access.account else None,
                inbrowser=open_browser,
                app_kwargs={
                    "middleware": guards(access, services),
                    "routes": [archive_route(services)],
                    "openapi_url": None,
                },
                prevent_thread_lock=True,
                quiet=True,
                **launch_options(services.root),
            )
    except OSError as error:  # what Gradio raises where the port is taken
        port = port or os.environ.get("GRADIO_SERVER_PORT")
        raise UserError(messages.app.NO_PORT.format(host=access.host, port=port)) from error
    return local, public


def guards(access: Access, services: Services | Visitors) -> list[Middleware]:
    """Return what every request passes before Gradio sees it, in this order."""
    hosts = Middleware(TrustedHostMiddleware, allowed_hosts=list(access.trusted_hosts), www_redirect=False)
    is_public = isinstance(services, Visitors)
    whose = {"visitors": services} if is_public else {"require_space": services.workspace.require_space}
    guard = Middleware(Guard, may_be_framed=access.host is None, **whose)
    return [hosts, guard] if access.trusted_hosts else [guard]


def _inspecting(services: Services, event: gr.EventData) -> gr.Timer:
    """Let the Inspect tab follow the run only while it is open."""
    (index,) = sent(event._data, index=int)
    return gr.Timer(active=index == 2)


def _limits(services: Visitors) -> str:
    note = "" if services.is_lasting else messages.app.KEPT_NOWHERE
    return messages.app.PUBLIC_LIMITS.format(**asdict(services.limits)) + note
