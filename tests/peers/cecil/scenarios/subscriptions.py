# SPDX-License-Identifier: Apache-2.0
"""Subscriptions: made once, watched, archived and brought back."""

from __future__ import annotations

from cecil import Client, errors
from player import DAY_S, FORESTS, HANSEN, LAND_COVER, UNKNOWN, advance, deliver, play, sandbox, settings, square, turn


def scenario(seen):
    """Run all of it."""
    client = Client()
    area = client.create_aoi(square(132.5, -12.7))
    one = seen("made", client.create_subscription, area.id, HANSEN)
    seen.fails("made again", client.create_subscription, area.id, HANSEN, external_ref="again")
    seen("made twice", client.create_subscription, area.id, HANSEN, external_ref="twice", allow_duplicate=True)
    other = seen("made with a reference", client.create_subscription, area.id, LAND_COVER, external_ref="covers")
    seen("got", client.get_subscription, one.id)
    seen("listed", client.list_subscriptions)
    seen("listed of the archive", client.list_subscriptions, archived=True)
    seen.fails("unknown", client.get_subscription, UNKNOWN)
    seen.fails("of a dataset's id", client.get_subscription, HANSEN)
    seen.fails("of an unknown area", client.create_subscription, UNKNOWN, HANSEN)
    seen.fails("of an unknown dataset", client.create_subscription, area.id, UNKNOWN)

    far = client.create_aoi(square(5, 82))
    seen.fails("too far north", client.create_subscription, far.id, LAND_COVER)
    client.update_settings(monthly_subscription_limit=50_000)
    large = client.create_aoi(square(5, 50, 0.4))
    seen.fails("too large for a month", client.create_subscription, large.id, HANSEN)

    deliver(one)
    seen("on its way", client.get_subscription, one.id)
    advance(DAY_S)
    seen("complete", client.get_subscription, one.id)
    turn(other, "partial", "Two years lie under cloud.")
    seen("partial", client.get_subscription, other.id)
    turn(other, "failed", "Nothing was found.")
    seen("failed", client.get_subscription, other.id)
    sandbox("POST", f"/_cecil/datasets/{HANSEN}/publication", {"publication": "1.13"})
    newer = seen("with a newer publication", client.get_subscription, one.id)
    seen.note("an update is there", newer.dataset_publication != newer.dataset_current_publication)

    seen("archived", client.archive_subscription, one.id)
    seen.part("not listed", len, client.list_subscriptions)
    seen("listed when archived", client.list_subscriptions, archived=True)
    seen("restored", client.restore_subscription, one.id)
    seen.fails("restored again", client.restore_subscription, one.id)
    seen("archived for good", client.archive_subscription, one.id)
    advance(31 * DAY_S)
    seen.fails("restored too late", client.restore_subscription, one.id)
    seen("got when gone", client.get_subscription, one.id)
    settings(tells_status=False)
    seen("from a server that tells no status", client.get_subscription, one.id)
    seen.part("in a list of such a server", len, client.list_subscriptions)
    forests = client.create_subscription(area.id, FORESTS)
    seen.note("is told of one", forests.status)


if __name__ == "__main__":
    play(scenario, errors)
