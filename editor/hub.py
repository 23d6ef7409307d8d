"""Folders to and from the Hugging Face Hub, as one person, with every failure as a sentence.

A token comes from `hf auth login`, or a page hands one over. It is used once, and is in no file, log or repr.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from editor.errors import UserError

os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")  # read when the library is imported

import huggingface_hub  # noqa: E402 (loads most of its modules when they are first used)
from huggingface_hub import errors  # noqa: E402

TAG = "pairbrush"  # of every effect on the Hub
NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}"
LOG_IN = "Log in with: hf auth login"
EMPTY = {".gitattributes"}  # what a repository holds that nothing was pushed to


class HubError(UserError):
    """Something on the way to or from the Hub. The message is for a person."""


@dataclass(frozen=True, slots=True)
class HubId:
    """A repository of models on the Hub, and the version of it that is meant.

    Attributes:
        repo: "user/effect".
        revision: Branch, tag or commit; None for the newest.
    """

    repo: str
    revision: str | None = None

    @classmethod
    def parse(cls, text: str) -> HubId | None:
        """Return what "user/effect" or "user/effect@revision" names, or None where a text has another form."""
        found = re.fullmatch(rf"({NAME}/{NAME})(?:@([A-Za-z0-9][A-Za-z0-9._/-]{{0,199}}))?", text)
        return cls(*found.groups()) if found else None

    def __str__(self) -> str:
        return f"{self.repo}@{self.revision}" if self.revision else self.repo


@dataclass(frozen=True, slots=True)
class Pushed:
    """Where a folder has gone: "user/effect", its page, and the commit that holds it."""

    repo: str
    url: str
    revision: str


@dataclass(frozen=True, slots=True)
class Hub:
    """The Hub as one person sees it.

    Attributes:
        token: That person's; None for the one that this machine is logged in with; False for nobody's, which whoever
            serves others must say, or they would act as the one who runs the machine.
        endpoint: Address of the Hub; None for the public one, or what HF_ENDPOINT says.
        cache_dir: Where downloads are kept; None for where huggingface_hub keeps them.
        log_in: What somebody should do whom the Hub does not know, in a sentence.
    """

    token: str | bool | None = field(default=None, repr=False)
    endpoint: str | None = None
    cache_dir: Path | None = None
    log_in: str = LOG_IN

    @property
    def knows_who(self) -> bool:
        """Whether there is a token. Only the Hub can say whether it is good."""
        return bool(self.token) or (self.token is None and huggingface_hub.get_token() is not None)

    def repo_called(self, name: str) -> str:
        """Return "user/effect", where a person may leave the user out, who is then the one that the token is of.

        Raises:
            HubError: The Hub cannot be asked who that is.
        """
        if "/" in name:
            return name
        self._require_token()
        with in_words(name, self.log_in):
            return f"{self.api().whoami()['name']}/{name}"

    def _require_token(self) -> None:
        if not self.knows_who:
            raise HubError(f"The Hub has to know who you are. {self.log_in}")

    def api(self) -> huggingface_hub.HfApi:
        """Return the client of the library."""
        return huggingface_hub.HfApi(endpoint=self.endpoint, token=self.token, library_name=TAG)

    def push(
        self, folder: Path, repo: str, *, allow: Sequence[str], is_private: bool = True, message: str = "An effect"
    ) -> Pushed:
        """Upload the files of a folder as the newest version of a repository, which is made if it is not there.

        What an earlier version held beyond them is removed from the newest one; it stays in the history.

        Args:
            folder: With a README.md whose tags hold `TAG`.
            repo: "user/effect".
            allow: Names of files, or patterns of them; nothing else is uploaded or removed.
            is_private: Whether only its owner may see it. One that is public already is refused then.
            message: Of the commit.

        Raises:
            HubError: It cannot be done; the message says why.
        """
        if (wanted := HubId.parse(repo)) is None or wanted.revision:
            raise HubError(f"{repo:.200}: name a repository as user/effect.")
        self._require_token()
        with in_words(repo, self.log_in):
            api = self.api()
            try:
                api.create_repo(repo, private=is_private)
            except errors.HfHubHTTPError as error:
                if error.response.status_code != 409:
                    raise
                _require_ours(api.model_info(repo), is_private)
            commit = api.upload_folder(
                repo_id=repo,
                folder_path=folder,
                allow_patterns=list(allow),
                delete_patterns=list(allow),
                commit_message=message,
            )
            return Pushed(repo, f"{api.endpoint}/{repo}", commit.oid)

    def pull(self, wanted: HubId, *, allow: Sequence[str], max_bytes: int) -> Path:
        """Download files of a repository, all of the same commit, and return the folder that they are in.

        Without a connection, what was downloaded before is used. The files are those of a stranger.

        Args:
            wanted: The repository and its version.
            allow: Names of files, or patterns of them; nothing else is downloaded.
            max_bytes: The most that they may hold together, as the Hub says before they are downloaded.

        Raises:
            HubError: It cannot be done; the message says why.
        """
        with in_words(str(wanted), self.log_in):
            api = self.api()
            revision = api.resolve_revision(wanted.repo, revision=wanted.revision, cache_dir=self.cache_dir)
            download = partial(
                api.snapshot_download,
                wanted.repo,
                revision=revision,
                allow_patterns=list(allow),
                cache_dir=self.cache_dir,
                max_workers=4,
            )
            try:
                files = download(dry_run=True)
            except errors.DryRunError as error:
                if isinstance(error.__cause__, errors.HfHubHTTPError):
                    raise error.__cause__ from None
                return Path(download(local_files_only=True))
            if not files:
                raise HubError(f"{wanted} on the Hub holds no effect of Pairbrush.")
            sizes = [file.file_size for file in files]
            if None in sizes or sum(sizes) > max_bytes:
                raise HubError(f"{wanted} on the Hub is larger than any effect ({max_bytes // 2**20} MB).")
            return Path(download())


def _require_ours(info: huggingface_hub.ModelInfo, is_private: bool) -> None:
    """Make sure that a repository that is there already may become the effect.

    Raises:
        HubError: It holds something else, or others would see what nobody but its owner should.
    """
    names = {file.rfilename for file in info.siblings or ()}
    if TAG not in (info.tags or ()) and not names <= EMPTY:
        raise HubError(f"{info.id} on the Hub is there already and holds no effect of Pairbrush. Choose another name.")
    if is_private and not info.private:
        raise HubError(f"{info.id} on the Hub is public. Choose another name, or say that it may be public.")


@contextmanager
def in_words(what: str, log_in: str = LOG_IN) -> Iterator[None]:
    """Turn what goes wrong with the Hub into a `HubError`. What the Hub itself says is cut to a line.

    Args:
        what: The repository, or whatever is asked for.
        log_in: What somebody should do whom the Hub does not know.
    """
    try:
        yield
    except UserError:
        raise
    except errors.GatedRepoError as error:
        page = f"https://huggingface.co/{what}".partition("@")[0]
        raise HubError(f"The owner of {what} decides who may have it. Ask on {page}. {log_in}") from error
    except errors.RevisionNotFoundError as error:
        raise HubError(f"There is no such version on the Hub: {what}") from error
    except errors.RepositoryNotFoundError as error:
        raise HubError(
            f"There is no {what} on the Hub, or it is private and you are not logged in. {log_in}"
        ) from error
    except errors.HFValidationError as error:
        raise HubError(f"{what:.200} is no name that the Hub allows.") from error
    except errors.LocalTokenNotFoundError as error:
        raise HubError(f"The Hub has to know who you are. {log_in}") from error
    except errors.HfHubHTTPError as error:
        raise HubError(_refusal(error, what, log_in)) from error
    except (
        errors.LocalEntryNotFoundError,
        errors.RevisionResolutionError,
        errors.OfflineModeIsEnabled,
        errors.HTTPError,
    ) as error:
        if huggingface_hub.is_offline_mode():
            raise HubError(f"HF_HUB_OFFLINE is set, and {what} was not downloaded before.") from error
        raise HubError(f"The Hub cannot be reached, and {what} is not on this machine. Try again later.") from error
    except ValueError as error:  # what the library says to names of files that would leave their folder
        raise HubError(f"The library refuses {what}: {str(error)[:200]}") from error


def _refusal(error: errors.HfHubHTTPError, what: str, log_in: str) -> str:
    """Return what to tell a person about an answer that is none of the usual ones."""
    status = error.response.status_code
    if status == 401:
        return f"The Hub does not accept the token, which may be too old. {log_in}"
    if status == 402:
        return "The Hub wants to be paid first: add credit on https://huggingface.co/settings/billing."
    if status == 403:
        return f"You may not do that with {what}. Is it yours, and may the token write?"
    if status == 429:
        return "The Hub has had too many requests from here. Try again in a few minutes."
    reason = " ".join((error.server_message or "").split())[:200]
    return f"The Hub answers {status}{f': {reason}' if reason else ''}. Try again later."
