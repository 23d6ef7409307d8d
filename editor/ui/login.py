"""Logging in at the Hugging Face Hub, on a Space that its front matter allows to ask for it (`hf_oauth`).

The token lies in a signed cookie of the browser, which Gradio reads for handlers that ask for `gr.OAuthToken`.
Elsewhere there is no such button: Gradio would stand in for the login with that of the machine.
"""

from __future__ import annotations

import os
from importlib.util import find_spec

import gradio as gr
from gradio.utils import get_space

from editor.ui import messages

NEEDED = ("OAUTH_CLIENT_ID", "OAUTH_CLIENT_SECRET", "OAUTH_SCOPES", "OPENID_PROVIDER_URL")  # what a Space is given
PACKAGES = ("authlib", "itsdangerous")  # gradio[oauth], which Spaces install


def can_log_in() -> bool:
    """Whether people can log in at the Hub here."""
    return bool(get_space()) and all(map(os.environ.get, NEEDED)) and all(map(find_spec, PACKAGES))


def login_button() -> None:
    """Lay out the button and what the login is for, or nothing where nobody can log in."""
    if can_log_in():
        gr.Markdown(messages.share.LOG_IN_HELP, elem_id="hub-login-help", elem_classes="pb-help")
        gr.LoginButton(messages.share.LOG_IN, messages.share.LOG_OUT, size="md", elem_id="hub-login")


def token_of(login: gr.OAuthToken | None) -> str | None:
    """Return the token of whoever sent an event, if they have logged in."""
    return login.token if login else None
