"""Credentials to act as an identity."""

from __future__ import annotations

import json

from tests.least_privilege.attempt import Identity
from tests.least_privilege.deployed import Deployed

Keys = dict[str, str]


def keys_of(identity: Identity, deployed: Deployed) -> Keys:
    """The user's own access key, or a session in the role."""
    if any(deployed.names("AWS::IAM::User", identity.logical_id)):
        secret = deployed.name("AWS::SecretsManager::Secret", "SnowpipeKeyCredentials")
        value = deployed.connect("secretsmanager").get_secret_value(SecretId=secret)["SecretString"]
        keys: Keys = json.loads(value)
        return keys
    return _session(deployed, deployed.name("AWS::IAM::Role", identity.logical_id))


def _session(deployed: Deployed, name: str) -> Keys:
    """Assume a role that trusts only a service, by adding the caller to its trust policy for a moment."""
    iam, sts = deployed.connect("iam"), deployed.connect("sts")
    role = iam.get_role(RoleName=name)["Role"]
    us = {"AWS": f"arn:aws:iam::{sts.get_caller_identity()['Account']}:root"}
    trust = role["AssumeRolePolicyDocument"]
    let_us_in = {"Effect": "Allow", "Principal": us, "Action": "sts:AssumeRole"}
    opened = {**trust, "Statement": [*trust["Statement"], let_us_in]}
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(opened))
    try:
        keys = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="least-privilege")["Credentials"]
    finally:
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trust))
    return {
        "aws_access_key_id": keys["AccessKeyId"],
        "aws_secret_access_key": keys["SecretAccessKey"],
        "aws_session_token": keys["SessionToken"],
    }
