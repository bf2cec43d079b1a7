"""Account identifiers of Snowflake.

https://docs.snowflake.com/en/user-guide/admin-account-identifier
"""

from __future__ import annotations

import re

_ALLOWED = "the account identifier, such as myorg-myaccount, or the older xy12345.eu-central-1"
_ORGANIZATION_AND_ACCOUNT = re.compile(r"[A-Za-z][A-Za-z0-9]*-[A-Za-z][A-Za-z0-9_-]*")
# Every region's name has a hyphen: us-east-1, west-europe, us-central1, fhplus-us-gov-west-1.
_LOCATOR_AND_REGION = re.compile(r"[A-Za-z][A-Za-z0-9_]*\.[a-z]+(-[a-z0-9]+)+(\.(aws|azure|gcp))?")
_LOCATOR = re.compile(r"[A-Za-z][A-Za-z0-9_]*")  # of an account in us-west-2 of AWS


def account_identifier(text: str) -> str:
    """The account identifier as it is, if it can be one; the connector makes a host name of it.

    Raises:
        ValueError: it cannot, such as a host name or address, or two parts joined by the wrong character.
    """
    if "snowflakecomputing" in text.lower() or "/" in text:
        raise ValueError(f"an address; give {_ALLOWED}")
    if any(form.fullmatch(text) for form in (_ORGANIZATION_AND_ACCOUNT, _LOCATOR_AND_REGION, _LOCATOR)):
        return text
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9]*\.[A-Za-z][A-Za-z0-9_]*", text):
        raise ValueError(
            f"organization and account are joined by a hyphen here: {text.replace('.', '-')}; after a dot comes a "
            "region, as in xy12345.eu-central-1"
        )
    raise ValueError(f"does not fit: {_ALLOWED}")
