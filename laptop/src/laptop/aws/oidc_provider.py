"""AWS::IAM::OIDCProvider: an identity provider whose tokens roles may trust."""

from __future__ import annotations

from typing import Any

from ministack.services import iam

from laptop.aws.cloudformation import Attributes, Properties, require_success


class OidcProvider:
    """An OpenID Connect provider; an account has one per URL."""

    type_name = "AWS::IAM::OIDCProvider"
    replaced_by = ("Url",)

    def create(self, generated_name: str, properties: Properties) -> tuple[str, Attributes]:
        """Create a provider; Ref is its ARN."""
        url = str(properties["Url"])
        require_success(iam._create_oidc_provider({"Url": [url]}), f"OIDC provider {url}")
        (arn,) = (arn for arn, known in iam._oidc_providers.items() if known["Url"] == url)
        self._apply(arn, properties)
        return arn, {"Arn": arn}

    def update(self, physical_id: str, old: Properties, new: Properties) -> Attributes:
        """Update audiences, thumbprints and tags to those of the template."""
        self._apply(physical_id, new)
        return {"Arn": physical_id}

    def delete(self, physical_id: str, properties: Properties) -> None:
        """Delete it; roles that trust it remain, and cannot be assumed."""
        iam._oidc_providers.pop(physical_id, None)

    def _apply(self, arn: str, properties: Properties) -> None:
        provider: dict[str, Any] = iam._oidc_providers[arn]
        provider["ClientIDList"] = list(properties.get("ClientIdList") or [])
        provider["ThumbprintList"] = list(properties.get("ThumbprintList") or [])
        provider["Tags"] = list(properties.get("Tags") or [])
