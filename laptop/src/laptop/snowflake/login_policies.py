"""Network and authentication policies, checked at each login; a user's comes before the account's.

https://docs.snowflake.com/en/user-guide/network-policies, https://docs.snowflake.com/en/user-guide/authentication-policies
"""

from __future__ import annotations

import ipaddress

from laptop.snowflake.catalog import Catalog
from laptop.snowflake.errors import SnowflakeError
from laptop.snowflake.names import Name
from laptop.snowflake.objects import Account, AuthenticationPolicy, NetworkPolicy, User
from laptop.snowflake.parameters import NETWORK_POLICY, setting
from laptop.snowflake.sql.granting import ACCOUNT_NAME

# Every client of the stand-in is a driver with a key, on this machine.
_ADDRESS, _METHOD, _CLIENT = "127.0.0.1", "KEYPAIR", "DRIVERS"


def check_policies(catalog: Catalog, user: User) -> None:
    """Refuse a login that a policy does not allow.

    Raises:
        SnowflakeError: It is not allowed.
    """
    network = user.network_policy or str(setting(catalog, NETWORK_POLICY))
    if network and not _allows(catalog.get(NetworkPolicy, Name((network,)))):
        text = f"Incoming request with IP/Token {_ADDRESS} is not allowed to access Snowflake."
        raise SnowflakeError(f"{text} Contact your account administrator.", errno=390422, sqlstate="08001")
    named = user.authentication_policy or catalog.get(Account, ACCOUNT_NAME).authentication_policy
    policy = catalog.find(AuthenticationPolicy, named) if named else None
    if policy and not (
        {"ALL", _METHOD} & set(policy.authentication_methods) and {"ALL", _CLIENT} & set(policy.client_types)
    ):
        raise SnowflakeError(
            "Authentication attempt rejected by the current authentication policy.",
            errno=390202,
            sqlstate="08001",
        )


def require_own_address(catalog: Catalog, name: str) -> None:
    """Refuse a network policy for the account that would refuse the address it is set from.

    Raises:
        SnowflakeError: It would, or there is no such policy.
    """
    if not _allows(catalog.get(NetworkPolicy, Name((name,)))):
        text = f"Network policy {name} cannot be activated. Requestor IP address, {_ADDRESS}, must be included in "
        raise SnowflakeError(f"{text}allowed_ip_list.", errno=1008, sqlstate="22023")


def _allows(policy: NetworkPolicy) -> bool:
    address = ipaddress.ip_address(_ADDRESS)

    def includes(entries: tuple[str, ...]) -> bool:
        return any(address in ipaddress.ip_network(entry, strict=False) for entry in entries)

    return includes(policy.allowed_ip_list) and not includes(policy.blocked_ip_list)
