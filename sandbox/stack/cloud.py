"""The embedded AWS (ministack): its process, its environment, and clients that reach it alone."""

import functools
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from sandbox.stack import processes
from sandbox.stack.environment import for_servers
from sandbox.stack.processes import Process

REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class Cloud:
    """One embedded AWS, known by its endpoint."""

    endpoint_url: str

    @property
    def variables(self) -> dict[str, str]:
        """What points any AWS client at this endpoint; credentials that are worth nothing."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    @property
    def environment(self) -> dict[str, str]:
        """An environment in which nothing of the person's own AWS account is left."""
        return {
            **for_servers(),
            **self.variables,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def client(self, service: str) -> Any:
        """A boto3 client of this endpoint, whatever the environment says."""
        return _client(self.endpoint_url, service)


@functools.cache
def _client(endpoint_url: str, service: str) -> Any:
    session = boto3.session.Session(
        aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION
    )
    config = Config(retries={"total_max_attempts": 3}, max_pool_connections=10, proxies={})
    # The typed forms of this call want the service's name to be known.
    make: Any = session.client
    return make(service, endpoint_url=endpoint_url, config=config)


def start(
    directory: Path, more_environment: Mapping[str, str] | None = None
) -> tuple[Cloud, Process]:
    """Start an embedded AWS that keeps everything below `directory`; it is not ready yet.

    Parameters
    ----------
    directory
        Gets `cloud/` with temporary files and state, and `cloud.log`.
    more_environment
        For the server and the function's workers, which inherit it.
    """
    port = processes.free_port()
    cloud = Cloud(f"http://127.0.0.1:{port}")
    home = directory / "cloud"
    temporary = home / "tmp"
    temporary.mkdir(parents=True)
    environment = {
        # The function's workers inherit it.
        **cloud.environment,
        # Its defaults are all interfaces, and two more servers that nothing here needs.
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_REGION": REGION,
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        # It leaves a folder per function in the temporary directory.
        "TMPDIR": str(temporary),
        "STATE_DIR": str(home / "state"),
        "S3_DATA_DIR": str(home / "s3"),
        "PYTHONUNBUFFERED": "1",
        **(more_environment or {}),
    }
    # Functions run under this very interpreter, so it has to be Python 3.13, with boto3 beside it.
    process = processes.start(
        [sys.executable, "-m", "ministack"],
        environment=environment,
        directory=home,
        log=directory / "cloud.log",
    )
    return cloud, process


def wait_until_ready(cloud: Cloud, process: Process, log: Path) -> None:
    """Wait until it listens.

    Raises
    ------
    ProcessFailed
        It has ended, or does not listen in time.
    """
    processes.wait_for_line(process, log, f"Running on {cloud.endpoint_url} ")
