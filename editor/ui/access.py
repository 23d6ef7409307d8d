"""Who may reach the app: this machine only or, where it is opened to others, those who know the password."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import MutableMapping
from dataclasses import dataclass
from ipaddress import ip_address

from editor.errors import UserError
from editor.ui import messages

MIN_PASSWORD = 8  # characters
WRONG_SECONDS = 1.0  # delay after a wrong password; only one is checked at a time, so guessing takes forever


class AccessError(UserError):
    """The app may not be opened like that. The message says why, to the person who starts it."""


class Account:
    """The one account of an app."""

    def __init__(self, user: str, password: str) -> None:
        self._known = user, password
        self._lock = asyncio.Lock()

    @classmethod
    def parse(cls, text: str) -> Account:
        """Read "user:password".

        Raises:
            AccessError: It is not of that form, or the password is too short.
        """
        user, _, password = text.partition(":")
        if not user.strip() or len(password) < MIN_PASSWORD:
            raise AccessError(messages.app.BAD_AUTH.format(count=MIN_PASSWORD))
        return cls(user.strip(), password)

    async def admits(self, user: str, password: str) -> bool:
        """Return whether name and password are right. Gradio calls this at every login."""
        async with self._lock:
            pairs = zip((user, password), self._known)
            # All are compared, and in constant time, so that the time taken tells nothing.
            if all([hmac.compare_digest(given.encode(errors="replace"), known.encode()) for given, known in pairs]):
                return True
            await asyncio.sleep(WRONG_SECONDS)
            return False


def bypass_proxies(environment: MutableMapping[str, str], *, host: str | None, has_public_link: bool) -> None:
    """Let nothing that this process asks of itself go through a proxy: Gradio asks its own server at the start.

    Only `--share` speaks to others. Otherwise no proxy is used at all, not even one of a kind that HTTPX does not know.
    To be called before Gradio is imported, which makes a client then.

    Args:
        environment: `os.environ`.
        host: The address to serve on.
        has_public_link: Whether to ask for a public link.
    """
    own = f"localhost,127.0.0.1,::1,{(host or '').strip('[]')}".rstrip(",") if has_public_link else "*"
    for name in ("no_proxy", "NO_PROXY"):
        environment[name] = ",".join(filter(None, (environment.get(name), own))) if has_public_link else own


@dataclass(frozen=True)
class Access:
    """How an app may be reached.

    Attributes:
        host: Address to serve on; None leaves it to Gradio, as a Space wants it.
        has_public_link: Whether to ask for a public link.
        account: Who may come in; None for everybody who can reach the address.
        is_public: Whether every visitor gets a workspace of their own.
        trusted_hosts: What a request may call this machine; empty for anything. Without this check, any web site could
            reach an app without a password through a host name of its own that resolves to this machine.
    """

    host: str | None
    has_public_link: bool = False
    account: Account | None = None
    is_public: bool = False
    trusted_hosts: tuple[str, ...] = ()

    @property
    def is_personal(self) -> bool:
        """Whether only people at this machine reach the app, so that its logins at other services are theirs."""
        return bool(self.trusted_hosts) and not self.is_public

    @classmethod
    def decide(cls, *, host: str | None, share: bool, auth: str | None, is_space: bool, public: bool = False) -> Access:
        """Return how the app may be reached.

        Args:
            host: What the person asked for; None for this machine only, or as the Space wants it.
            share: Whether they asked for a public link.
            auth: "user:password", if they gave one.
            is_space: Whether this is a Space, which is public by design and has Hugging Face in front of it. Without a
                password, every visitor gets a workspace of their own there.
            public: Whether they asked for that.

        Raises:
            AccessError: It would be open to others without a password.
        """
        account = Account.parse(auth) if auth else None
        if is_space:
            if share:
                raise AccessError(messages.app.NO_SHARE_ON_SPACE)
            return cls(host, account=account, is_public=public or account is None)
        host = host or "127.0.0.1"
        try:
            address = ip_address(host.strip("[]"))
            is_local = address.is_loopback
            host = f"[{address}]" if address.version == 6 else str(address)
        except ValueError:  # a name
            is_local = host == "localhost"
        if account is None and (share or not is_local) and not public:
            raise AccessError(messages.app.NEEDS_AUTH.format(what="--share" if share else f"--host {host}"))
        trusted = tuple(dict.fromkeys((host, "127.0.0.1", "localhost", "[::1]"))) if is_local and not share else ()
        return cls(host, share, account, public, trusted)
