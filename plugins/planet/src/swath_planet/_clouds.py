# SPDX-License-Identifier: Apache-2.0
"""Blocks that say which store Planet delivers to: the same for orders and subscriptions.

Source: Planet's documentation of the Orders API (delivery), read 2026-11.
"""

from __future__ import annotations

from typing import Any, Final

from swath.models import Secret
from swath_planet._building import given

__all__ = [
    "amazon_s3",
    "azure_blob_storage",
    "default_destination",
    "destination",
    "google_cloud_storage",
    "google_earth_engine",
    "oracle_cloud_storage",
    "s3_compatible",
]

DEFAULT_DESTINATION: Final = "pl:destinations/default"


def amazon_s3(
    aws_access_key_id: str | Secret,
    aws_secret_access_key: str | Secret,
    bucket: str,
    aws_region: str,
    path_prefix: str | None = None,
) -> dict[str, Any]:
    """Deliver to Amazon S3."""
    return {
        "amazon_s3": given(
            aws_access_key_id=aws_access_key_id,
            aws_secret_access_key=aws_secret_access_key,
            bucket=bucket,
            aws_region=aws_region,
            path_prefix=path_prefix,
        )
    }


def azure_blob_storage(
    account: str,
    container: str,
    sas_token: str | Secret,
    storage_endpoint_suffix: str | None = None,
    path_prefix: str | None = None,
) -> dict[str, Any]:
    """Deliver to Azure Blob Storage."""
    return {
        "azure_blob_storage": given(
            account=account,
            container=container,
            sas_token=sas_token,
            storage_endpoint_suffix=storage_endpoint_suffix,
            path_prefix=path_prefix,
        )
    }


def google_cloud_storage(bucket: str, credentials: str | Secret, path_prefix: str | None = None) -> dict[str, Any]:
    """Deliver to Google Cloud Storage; `credentials` is the service account's JSON in base64."""
    return {"google_cloud_storage": given(bucket=bucket, credentials=credentials, path_prefix=path_prefix)}


def google_earth_engine(project: str, collection: str) -> dict[str, Any]:
    """Deliver to an image collection of Google Earth Engine."""
    return {"google_earth_engine": {"project": project, "collection": collection}}


def oracle_cloud_storage(  # noqa: PLR0917  the signature that scripts know
    customer_access_key_id: str | Secret,
    customer_secret_key: str | Secret,
    bucket: str,
    region: str,
    namespace: str,
    path_prefix: str | None = None,
) -> dict[str, Any]:
    """Deliver to Oracle Cloud Storage."""
    return {
        "oracle_cloud_storage": given(
            customer_access_key_id=customer_access_key_id,
            customer_secret_key=customer_secret_key,
            bucket=bucket,
            region=region,
            namespace=namespace,
            path_prefix=path_prefix,
        )
    }


def s3_compatible(  # noqa: PLR0917  the signature that scripts know
    endpoint: str,
    bucket: str,
    region: str,
    access_key_id: str | Secret,
    secret_access_key: str | Secret,
    use_path_style: bool = False,
    path_prefix: str | None = None,
) -> dict[str, Any]:
    """Deliver to a store that speaks the S3 protocol."""
    return {
        "s3_compatible": given(
            endpoint=endpoint,
            bucket=bucket,
            region=region,
            access_key_id=access_key_id,
            secret_access_key=secret_access_key,
            use_path_style=use_path_style,
            path_prefix=path_prefix,
        )
    }


def destination(destination_ref: str, path_prefix: str | None = None) -> dict[str, Any]:
    """Deliver to a destination that Planet knows already, ``"pl:destinations/..."``: no secret travels."""
    return {"destination": given(ref=destination_ref, path_prefix=path_prefix)}


def default_destination(path_prefix: str | None = None) -> dict[str, Any]:
    """Deliver to the organisation's default destination."""
    return destination(DEFAULT_DESTINATION, path_prefix)
