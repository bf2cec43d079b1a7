"""The Lambdas of the landing stack."""

from __future__ import annotations

from tests.least_privilege.attempt import Identity, may, may_not
from tests.least_privilege.calls import log, rewrite_notifications

SETUP = Identity(
    "role of the setup Lambda",
    "logs in to Snowflake and gives its stage the Snowpipe user's key",
    "SnowflakeFunctionRole",
    (
        may(
            "secretsmanager:GetSecretValue",
            "the Snowflake login",
            lambda aws, at: aws("secretsmanager").get_secret_value(SecretId=at.login_secret),
        ),
        may(
            "secretsmanager:GetSecretValue",
            "the Snowpipe user's access key",
            lambda aws, at: aws("secretsmanager").get_secret_value(SecretId=at.credentials_secret),
        ),
        may("logs:PutLogEvents", "its own log group", lambda aws, at: log(aws, at.setup_log)),
        may_not(
            "secretsmanager:GetSecretValue",
            "another secret",
            lambda aws, at: aws("secretsmanager").get_secret_value(SecretId=at.other_secret),
        ),
        may_not(
            "secretsmanager:PutSecretValue",
            "the Snowflake login",
            lambda aws, at: aws("secretsmanager").put_secret_value(
                SecretId=at.login_secret, SecretString="{}"
            ),
        ),
        may_not(
            "secretsmanager:ListSecrets",
            "of the account",
            lambda aws, at: aws("secretsmanager").list_secrets(),
        ),
        may_not(
            "s3:GetObject",
            "an event file",
            lambda aws, at: aws("s3").get_object(Bucket=at.lake, Key=at.event),
        ),
        may_not(
            "s3:PutBucketNotification",
            "of the lake",
            lambda aws, at: aws("s3").put_bucket_notification_configuration(
                Bucket=at.lake, NotificationConfiguration={}
            ),
        ),
        may_not(
            "kms:Decrypt",
            "data encrypted with the lake's key",
            lambda aws, at: aws("kms").decrypt(KeyId=at.lake_key, CiphertextBlob=at.lake_ciphertext),
        ),
        may_not("logs:PutLogEvents", "another log group", lambda aws, at: log(aws, at.other_log)),
        may_not(
            "iam:CreateAccessKey",
            "for the Snowpipe user",
            lambda aws, at: aws("iam").create_access_key(UserName=at.user),
        ),
        may_not(
            "lambda:InvokeFunction",
            "itself",
            lambda aws, at: aws("lambda").invoke(FunctionName=at.setup_function, Payload=b"{}"),
        ),
    ),
)

FRAMEWORK = Identity(
    "role of the provider framework",
    "hands CloudFormation's events to the setup Lambda and its answers back",
    "SnowflakeFrameworkRole",
    (
        may(
            "lambda:InvokeFunction",
            "the setup Lambda",
            lambda aws, at: aws("lambda").invoke(FunctionName=at.setup_function, Payload=b"{}"),
        ),
        may("logs:PutLogEvents", "its own log group", lambda aws, at: log(aws, at.framework_log)),
        may_not(
            "lambda:InvokeFunction",
            "another function",
            lambda aws, at: aws("lambda").invoke(FunctionName=at.other_function, Payload=b"{}"),
        ),
        may_not(
            "lambda:UpdateFunctionCode",
            "the setup Lambda",
            lambda aws, at: aws("lambda").update_function_code(FunctionName=at.setup_function, ZipFile=b""),
        ),
        may_not(
            "secretsmanager:GetSecretValue",
            "the Snowflake login",
            lambda aws, at: aws("secretsmanager").get_secret_value(SecretId=at.login_secret),
        ),
        may_not(
            "s3:GetObject",
            "an event file",
            lambda aws, at: aws("s3").get_object(Bucket=at.lake, Key=at.event),
        ),
        may_not("logs:PutLogEvents", "another log group", lambda aws, at: log(aws, at.other_log)),
    ),
)

NOTIFICATIONS = Identity(
    "role of the notifications' Lambda",
    "writes the lake's notification configuration",
    "LakeNotificationsRole",
    (
        may("s3:PutBucketNotification", "of the lake", lambda aws, at: rewrite_notifications(aws, at.lake)),
        may_not(
            "s3:GetBucketNotification",
            "of another bucket",
            lambda aws, at: rewrite_notifications(aws, at.other_bucket),
        ),
        may_not(
            "s3:PutBucketPolicy",
            "of the lake",
            lambda aws, at: aws("s3").put_bucket_policy(Bucket=at.lake, Policy="{}"),
        ),
        may_not(
            "s3:GetObject",
            "an event file",
            lambda aws, at: aws("s3").get_object(Bucket=at.lake, Key=at.event),
        ),
        may_not("s3:ListBucket", "the lake", lambda aws, at: aws("s3").list_objects_v2(Bucket=at.lake)),
        may_not("logs:PutLogEvents", "another log group", lambda aws, at: log(aws, at.other_log)),
        may_not(
            "secretsmanager:GetSecretValue",
            "the Snowflake login",
            lambda aws, at: aws("secretsmanager").get_secret_value(SecretId=at.login_secret),
        ),
    ),
)
