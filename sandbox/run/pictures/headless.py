"""A headless browser as a process, for as long as one page is needed.

Nothing listens on a port, and no name is resolved, so that a page gets nothing from any network.
"""

import contextlib
import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator

from sandbox.run.pictures.chromium import Chromium
from sandbox.run.pictures.devtools import Page

_FLAGS = (
    "--headless",
    "--remote-debugging-pipe",
    "--no-sandbox",  # it shows nothing but files of this clone, and root has no other choice
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-sync",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)


@contextlib.contextmanager
def page(chromium: Chromium) -> Iterator[Page]:
    """Start the browser with a profile of its own; end it, and remove that, afterwards."""
    profile = tempfile.mkdtemp(prefix="chromium-")
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()
    # The browser reads from descriptor 3 and writes to 4. Away from those two first, so that
    # the one does not overwrite the other.
    high_in, high_out = (fcntl.fcntl(one, fcntl.F_DUPFD, 10) for one in (theirs_in, theirs_out))

    def as_3_and_4() -> None:
        os.dup2(high_in, 3)
        os.dup2(high_out, 4)

    process = subprocess.Popen(
        [chromium.path, *_FLAGS, f"--user-data-dir={profile}"],
        env={**os.environ, **chromium.environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=(3, 4),
        preexec_fn=as_3_and_4,
    )
    for one in (theirs_in, theirs_out, high_in, high_out):
        os.close(one)
    try:
        yield Page(ours_out, ours_in)
    finally:
        process.kill()
        process.wait()
        os.close(ours_out)
        os.close(ours_in)
        shutil.rmtree(profile, ignore_errors=True)
