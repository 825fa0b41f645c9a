"""What arrived, sorted by who follows it: the sealed order is read once for all, and its place moves with the messages.

The place and the messages that it gave are one transaction in the schema ``web``, under the role of the pages; the
ledger is read under its own, and what was sealed never changes. So a crash anywhere leaves both as they were, two
processes cannot sort a batch twice, and nothing is lost between them.
"""

from collections import defaultdict
from typing import Final
from uuid import UUID

from django.db import transaction

from ledger.events.types import Flux
from ledger.rows import read_facts
from ledger.store import Ledger, stream_of
from web.avis.models import Avis, Place, Suivi
from web.lecture import CONSULTATIONS

LOT: Final = 500
"""Entries that are read at once."""


def trier(ledger: Ledger) -> int:
    """Sort one batch; how many entries it had, 0 when there is nothing new or nobody follows anything yet.

    Who may be shown what is not decided here, but when it is sent. That somebody looked is not told: each message
    is itself a look.
    """
    with transaction.atomic():
        place = Place.objects.select_for_update().first()
        if place is None:
            return 0
        with ledger.connection() as conn:
            rows = read_facts(conn, place.position, LOT)
            followed = _suivis({row.subject for row in rows})
            keys = ledger.coffre.of_subjects(conn, followed)
        looks = {stream_of(key, Flux.ACCES, CONSULTATIONS) for key in keys.values()}
        Avis.objects.bulk_create(
            Avis(
                abonnement_id=each.abonnement_id,
                suivi=each,
                evenement=UUID(bytes=bytes(row.event_id)),
                date=row.recorded_at,
            )
            for row in rows
            if row.stream not in looks
            for each in followed.get(row.subject, ())
            if (row.position or 0) > each.depuis
        )
        if rows:
            place.position = rows[-1].position or place.position
            place.save()
    return len(rows)


def _suivis(sujets: set[bytes]) -> dict[bytes, list[Suivi]]:
    found = defaultdict(list)
    wanted = Suivi.objects.filter(
        sujet__in=[UUID(bytes=bytes(each)) for each in sujets], abonnement__arrete_le__isnull=True
    )
    for each in wanted:
        found[each.sujet.bytes].append(each)
    return dict(found)
