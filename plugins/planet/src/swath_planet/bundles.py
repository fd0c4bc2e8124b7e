# SPDX-License-Identifier: Apache-2.0
"""Knows which asset types each product bundle holds, by item type.

Source: Planet's bundle specification, ``GET /compute/ops/bundles/spec``, version 2024-08-12. The table is a snapshot:
an order can be checked without a request, and `provider` asks the service itself before it refuses a pair that is not
in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias

from swath.errors import InputError, NotSupported

__all__ = [
    "DEFAULT_BUNDLES",
    "SNAPSHOT",
    "BundleTable",
    "bundle_for_assets",
    "bundles_of",
    "check_assets",
    "unknown_pairs",
    "unknown_pairs_error",
]

BundleTable: TypeAlias = Mapping[str, Mapping[str, tuple[str, ...]]]
"""Asset types by bundle name, then by item type."""

_UDM = "ortho_analytic_udm"
_UDM2 = "ortho_analytic_udm2"


def _skysat(*assets: str) -> dict[str, tuple[str, ...]]:
    """Give the same assets for the two orthorectified SkySat item types."""
    return {"SkySatScene": assets, "SkySatCollect": assets}


SNAPSHOT: Final[BundleTable] = {
    "analytic": _skysat("ortho_analytic", _UDM),
    "analytic_udm2": {
        "PSScene": ("ortho_analytic_4b", "ortho_analytic_4b_xml", "ortho_udm2"),
        **_skysat("ortho_analytic", _UDM, _UDM2),
        "PelicanScene": ("ortho_analytic", _UDM2),
    },
    "analytic_3b_udm2": {"PSScene": ("ortho_analytic_3b", "ortho_analytic_3b_xml", "ortho_udm2")},
    "analytic_8b_udm2": {"PSScene": ("ortho_analytic_8b", "ortho_analytic_8b_xml", "ortho_udm2")},
    "analytic_sr": _skysat("ortho_analytic_sr", _UDM),
    "analytic_sr_udm2": {
        "PSScene": ("ortho_analytic_4b_sr", "ortho_analytic_4b_xml", "ortho_udm2"),
        **_skysat("ortho_analytic_sr", _UDM, _UDM2),
        "PelicanScene": (),
    },
    "analytic_8b_sr_udm2": {"PSScene": ("ortho_analytic_8b_sr", "ortho_analytic_8b_xml", "ortho_udm2")},
    "visual": {"PSScene": ("ortho_visual",), **_skysat("ortho_visual"), "PelicanScene": ("ortho_visual",)},
    "uncalibrated_dn": _skysat("ortho_analytic_dn", _UDM),
    "uncalibrated_dn_udm2": _skysat("ortho_analytic_dn", _UDM, _UDM2),
    "basic_analytic": {"SkySatScene": ("basic_analytic", "basic_analytic_rpc", "basic_analytic_udm")},
    "basic_analytic_udm2": {
        "PSScene": ("basic_analytic_4b", "basic_udm2", "basic_analytic_4b_rpc", "basic_analytic_4b_xml"),
        "SkySatScene": ("basic_analytic", "basic_analytic_rpc", "basic_analytic_udm", "basic_analytic_udm2"),
        "PelicanScene": (),
    },
    "basic_analytic_8b_udm2": {
        "PSScene": ("basic_analytic_8b", "basic_udm2", "basic_analytic_4b_rpc", "basic_analytic_8b_xml"),
    },
    "basic_uncalibrated_dn": {"SkySatScene": ("basic_analytic_dn", "basic_analytic_dn_rpc", "basic_analytic_udm")},
    "basic_uncalibrated_dn_udm2": {
        "SkySatScene": ("basic_analytic_dn", "basic_analytic_dn_rpc", "basic_analytic_udm", "basic_analytic_udm2"),
    },
    "panchromatic": _skysat("ortho_panchromatic", "ortho_panchromatic_udm"),
    "panchromatic_udm2": {
        **_skysat("ortho_panchromatic", "ortho_panchromatic_udm2"),
        "PelicanScene": ("ortho_panchromatic", "ortho_panchromatic_udm2"),
    },
    "panchromatic_dn": _skysat("ortho_panchromatic_dn", "ortho_panchromatic_udm"),
    "panchromatic_dn_udm2": _skysat("ortho_panchromatic_dn", "ortho_panchromatic_udm", "ortho_panchromatic_udm2"),
    "pansharpened": _skysat("ortho_pansharpened", "ortho_pansharpened_udm"),
    "pansharpened_udm2": {
        **_skysat("ortho_pansharpened", "ortho_pansharpened_udm", "ortho_pansharpened_udm2"),
        "PelicanScene": ("ortho_pansharpened", "ortho_pansharpened_udm2"),
    },
    "basic_panchromatic": {
        "SkySatScene": ("basic_panchromatic", "basic_panchromatic_rpc", "basic_panchromatic_udm2"),
    },
    "basic_panchromatic_dn": {
        "SkySatScene": ("basic_panchromatic_dn", "basic_panchromatic_dn_rpc", "basic_panchromatic_udm2"),
    },
    "basic_l1a_dn": {
        "SkySatScene": ("basic_l1a_panchromatic_dn", "basic_l1a_panchromatic_dn_rpc"),
        "SkySatCollect": ("basic_l1a_all_frames",),
    },
    "analytic_5b": {"PSOrthoTile": ()},
    "analytic_5b_udm2": {"PSOrthoTile": ()},
    "radiance_hdf5": {"TanagerScene": ("ortho_radiance_hdf5",)},
    "basic_radiance_hdf5": {"TanagerScene": ("basic_radiance_hdf5",)},
    "sr_hdf5": {"TanagerScene": ("ortho_sr_hdf5",)},
    "basic_sr_hdf5": {"TanagerScene": ("basic_sr_hdf5",)},
    "methane": {"TanagerMethane": ()},
    "methane_quicklook": {"TanagerMethane": ()},
    "quality_controlled_methane": {"TanagerMethane": ()},
    "integrated_methane_enhancement": {"TanagerMethane": ()},
    "basic_analytic_nitf": {"REScene": ()},
}
"""An empty tuple: the pair exists, its asset types are not published in a form we have."""

DEFAULT_BUNDLES: Final[Mapping[str, str]] = {
    "PSScene": "analytic_udm2",
    "SkySatScene": "analytic_udm2",
    "SkySatCollect": "analytic_udm2",
    "PelicanScene": "analytic_udm2",
}
"""What is ordered where neither bundle nor assets are named: calibrated, orthorectified, with the usable data mask."""


def bundles_of(item_type: str, table: BundleTable = SNAPSHOT) -> tuple[str, ...]:
    """List the bundles that an item type can be ordered in, as the table has them."""
    return tuple(name for name, assets in table.items() if item_type in assets)


def unknown_pairs(
    item_types: Iterable[str], bundles: Sequence[str], table: BundleTable = SNAPSHOT
) -> list[tuple[str, str]]:
    """List the pairs of item type and bundle that the table does not have."""
    return [
        (item_type, bundle) for item_type in item_types for bundle in bundles if item_type not in table.get(bundle, {})
    ]


def unknown_pairs_error(pairs: Sequence[tuple[str, str]], table: BundleTable) -> InputError:
    """Make the error for pairs of item type and bundle that cannot be ordered."""
    said = ", ".join(f"bundle {bundle!r} for {item_type}" for item_type, bundle in pairs)
    item_types = list(dict.fromkeys(item_type for item_type, _ in pairs))
    valid = "; ".join(f"{one}: {', '.join(bundles_of(one, table)) or 'none'}" for one in item_types)
    return InputError(
        f"Planet offers no {said}",
        hint=f"choose from these bundles: {valid}",
        provider="planet",
        details={"valid": {one: list(bundles_of(one, table)) for one in item_types}},
    )


def bundle_for_assets(item_type: str, assets: Sequence[str], table: BundleTable = SNAPSHOT) -> str:
    """Find the smallest bundle that holds all the asset types.

    Args:
        item_type: Planet's item type.
        assets: Asset types, which are the asset keys of our items.
        table: Bundles to choose from.

    Raises:
        NotSupported: No one bundle holds them; the message lists which bundles hold each.
    """
    held = {name: by_type[item_type] for name, by_type in table.items() if item_type in by_type}
    fitting = [name for name, inside in held.items() if set(assets) <= set(inside)]
    if fitting:
        return min(fitting, key=lambda name: len(held[name]))
    single = "; ".join(
        f"{asset}: {', '.join(name for name, inside in held.items() if asset in inside) or 'no bundle'}"
        for asset in assets
    )
    raise NotSupported(
        f"no one bundle of {item_type} holds all of {', '.join(assets)}",
        hint=f"order one bundle at a time with bundle=; they are in: {single}",
        provider="planet",
    )


def check_assets(item_type: str, bundle: str, assets: Sequence[str], table: BundleTable = SNAPSHOT) -> None:
    """Refuse asset types that a bundle is known not to hold.

    Raises:
        InputError: The bundle does not hold one of them.
    """
    inside = table.get(bundle, {}).get(item_type, ())
    missing = [asset for asset in assets if asset not in inside]
    if inside and missing:
        raise InputError(
            f"bundle {bundle!r} of {item_type} holds no {', '.join(missing)}",
            hint=f"it holds {', '.join(inside)}; leave out bundle= to have one chosen by assets=",
            provider="planet",
        )
