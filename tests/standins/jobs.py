"""A stand-in for Hugging Face Jobs and buckets: folders, and local processes that run the real command.

Every call must fit the signature of the real client's method.
"""

import inspect
import shlex
import shutil
import subprocess
import sys
import time
from fnmatch import fnmatch
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import SimpleNamespace

import huggingface_hub

from tests.processes import start

WORKER = "editor.sharing.job_worker"
PRICES = {"cpu-basic": 0.000167, "t4-small": 0.00667}


class StandInJobs:
    """An `HfApi` whose buckets are folders of `root`. `hub` wraps it as `editor.hub.Hub` does the real one."""

    endpoint = "http://hub"

    def __init__(self, root: Path):
        self.root, self.jobs, self.calls = root, {}, []
        self.public: set[str] = set()
        self.prices = dict(PRICES)  # dollars a minute
        self.is_idle = False  # whether the machine waits instead of training, where a test is not about what it does
        self.is_cold = False  # whether it runs all of the command, with the code that was sent, which takes seconds
        self.most_lines: int | None = None  # after which the log breaks off, as when a laptop is closed

    @property
    def hub(self):
        return SimpleNamespace(api=lambda: self, knows_who=True)

    def __getattribute__(self, name):
        found = object.__getattribute__(self, name)
        real = getattr(huggingface_hub.HfApi, name, None)
        if name.startswith("_") or not callable(real) or not callable(found):
            return found

        def call(*args, **kwargs):
            inspect.signature(real).bind(None, *args, **kwargs)
            self.calls.append((name, args, kwargs))
            return found(*args, **kwargs)

        return call

    def whoami(self):
        return {"name": "me"}

    def list_jobs_hardware(self):
        return [
            SimpleNamespace(
                name=name, pretty_name=name.upper(), cpu="2 vCPU", ram="16 GB", unit_cost_usd=cost, unit_label="minute"
            )
            for name, cost in self.prices.items()
        ]

    def create_bucket(self, bucket_id, *, private, exist_ok):
        assert private and exist_ok
        (self.root / bucket_id).mkdir(parents=True, exist_ok=True)

    def bucket_info(self, bucket_id):
        return SimpleNamespace(private=bucket_id not in self.public)

    def sync_bucket(self, source, dest, *, include=None, quiet=False):
        source, dest = (self._folder(place) for place in (source, dest))
        for path in source.rglob("*"):
            name = path.relative_to(source).as_posix()
            if path.is_file() and (include is None or any(fnmatch(name, pattern) for pattern in include)):
                (dest / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, dest / name)

    def _folder(self, place):
        return self.root / place.removeprefix("hf://buckets/") if place.startswith("hf://") else Path(place)

    def list_bucket_tree(self, bucket_id, prefix, *, recursive):
        assert recursive
        folder = self.root / bucket_id
        names = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
        return [SimpleNamespace(type="file", path=name) for name in names if name.startswith(prefix)]

    def batch_bucket_files(self, bucket_id, *, delete):
        for name in delete:
            (self.root / bucket_id / name).unlink()

    def run_job(self, *, image, command, flavor, timeout, labels, volumes, namespace):
        (volume,) = volumes
        mounted = str(self.root / volume.source / volume.path)
        line = [part.replace(volume.mount_path, mounted) for part in command]
        id = f"job{len(self.jobs)}"
        log = self.root / f"{id}.log"
        if self.is_idle or self.is_cold:
            self.jobs[id] = self._shell(line, log)
        else:
            arguments = shlex.split(line[-1].partition(f"-m {WORKER} ")[2])
            self.jobs[id] = start(f"{WORKER.replace('.', '/')}.py", *arguments, output=log)
        return SimpleNamespace(id=id)

    def _shell(self, line, log):
        """Run a command in a shell whose Python is this one, and whose pip does nothing."""
        programs = self.root / "programs"
        programs.mkdir(exist_ok=True)
        python = "exec sleep 600" if self.is_idle else f'exec "{sys.executable}" "$@"'
        for name, text in (("pip", "exit 0"), ("python", python)):
            (programs / name).write_text(f"#!/bin/sh\n{text}\n")
            (programs / name).chmod(0o755)
        with log.open("w") as file:
            return subprocess.Popen(  # noqa: S603
                line,
                stdout=file,
                stderr=subprocess.STDOUT,
                env={"PATH": f"{programs}:/usr/bin:/bin", "OMP_NUM_THREADS": "1"},
                start_new_session=True,
            )

    def inspect_job(self, *, job_id, namespace):
        code = exit_code(self.jobs[job_id])
        stage = "RUNNING" if code is None else "COMPLETED" if code == 0 else "CANCELED" if code < 0 else "ERROR"
        return SimpleNamespace(status=SimpleNamespace(stage=stage))

    def fetch_job_logs(self, *, job_id, namespace, follow):
        assert follow
        with (self.root / f"{job_id}.log").open() as log:
            sent, part = 0, ""
            while sent != self.most_lines:
                ended = exit_code(self.jobs[job_id]) is not None
                part += log.readline()
                if part.endswith("\n"):
                    yield part[:-1]
                    sent, part = sent + 1, ""
                elif ended:
                    return
                else:
                    time.sleep(0.05)

    def cancel_job(self, *, job_id, namespace):
        self.jobs[job_id].kill()

    def close(self):
        for process in self.jobs.values():
            process.kill()
            process.wait() if isinstance(process, subprocess.Popen) else process.join()


def exit_code(process: subprocess.Popen | BaseProcess) -> int | None:
    """None while it runs."""
    return process.poll() if isinstance(process, subprocess.Popen) else process.exitcode
