"""How a read of AWS can fail, by what it means for the check::

ReadError
├── Refused     a right is missing: the check could not be made
├── Missing     the thing is not there: that is wrong
└── Unanswered  AWS did not answer: the check could not be made
Unusable        no region, no credentials: nothing can be checked
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)

# Where IAM names a service otherwise than boto3.
_IAM_PREFIX: Final = {"stepfunctions": "states"}
_DENIED: Final = {"AccessDenied", "AccessDeniedException", "AuthorizationError"}
_REFUSED_CREDENTIALS: Final = {
    *("ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "InvalidAccessKeyId"),
    *("UnrecognizedClientException", "SignatureDoesNotMatch", "InvalidSignatureException"),
}
_NO_CREDENTIALS: Final = (
    *(NoCredentialsError, PartialCredentialsError, ProfileNotFound),
    *(CredentialRetrievalError, SSOError, TokenRetrievalError),
)


class ReadError(Exception):
    """Something could not be read; the text is fit to be shown."""


class Refused(ReadError):
    """The text is the IAM action that is missing."""


class Missing(ReadError):
    """The text says what is not there."""


class Unanswered(ReadError):
    """The text is AWS's error code, and what it says; the code stands by itself, too."""

    def __init__(self, code: str, said: object) -> None:
        super().__init__(f"{code}: {said}")
        self.code = code


class Unusable(Exception):
    """AWS cannot be asked at all; the text says why and what to do."""


@contextmanager
def read_errors(service: str, operation: str) -> Iterator[None]:
    """Turn what boto3 raises into one of these.

    Parameters
    ----------
    service, operation
        As boto3 names them.
    """
    try:
        yield
    except ClientError as error:
        raise _failure(service, operation, error) from None
    except NoRegionError:
        raise Unusable("no region is set: export AWS_REGION, or choose a profile") from None
    except _NO_CREDENTIALS as error:
        raise Unusable(f"no AWS credentials: sign in, or export AWS_PROFILE ({error})") from None
    except (HTTPClientError, BotoCoreError) as error:
        raise Unanswered(type(error).__name__, error) from None


def _failure(service: str, operation: str, error: ClientError) -> Exception:
    code = error.response["Error"]["Code"].rpartition("#")[2]
    said = error.response["Error"].get("Message", "")
    if code in _REFUSED_CREDENTIALS:
        return Unusable(f"AWS does not accept these credentials ({code}): sign in again")
    if code in _DENIED:
        name = "".join(word.capitalize() for word in operation.split("_"))
        also = " or kms:Decrypt" if service == "secretsmanager" and "KMS" in said else ""
        return Refused(f"{_IAM_PREFIX.get(service, service)}:{name}{also}")
    if "NotFound" in code or "NotExist" in code or "NonExistent" in code or "not exist" in said:
        return Missing(said or code)
    return Unanswered(code, said)
