"""Reports made of lives told elsewhere: the inventory and the seal they would have, invented and consistent."""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from evidence.inventaire import Inventaire, Piece
from evidence.rapport_modeles import Cle, Integrite, Jeton, Rapport, Scelle, TemoinVu
from ledger.entry import Entry
from ledger.retained import holding
from projections.couverture import couverture
from replay.as_of import Moment
from replay.passe import avec_le_passe
from replay.preuve import preuve
from tests.samples.test_samples import BY_CASE, BY_DECISION, as_entries, facts

ORIGINE: Final = "constat.exemple/registre"
INSTANT: Final = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)


def note(temoins: int, *, origine: str = ORIGINE, taille: int = 4_512) -> str:
    """A checkpoint with its log's signature and so many cosignatures: of the right form, signed by nobody."""
    root = b64encode(sha256(b"racine").digest()).decode()
    own = b64encode(b"\x00" * 68).decode()
    others = "".join(f"— temoin-{n}.exemple/ddd {b64encode(bytes([n]) * 76).decode()}\n" for n in range(temoins))
    return f"{origine}\n{taille}\n{root}\n\n— {origine} {own}\n{others}"


def scelles(entries: Iterable[Entry]) -> tuple[Scelle, ...]:
    """A place for each fact but the last one, which is not sealed yet."""
    return tuple(
        Scelle(
            entry=entry.event_id, index=10 + rank, feuille=sha256(entry.event_id.bytes).hexdigest(),
            pas_avant=INSTANT - timedelta(hours=1) if rank % 3 else None, pas_apres=INSTANT + timedelta(hours=rank % 5),
            qualifie=bool(rank % 2),
        )
        for rank, entry in enumerate(list(entries)[:-1])
    )  # fmt: skip


def scellement(entries: Sequence[Entry], **given: Any) -> Integrite:
    """The integrity of these facts."""
    values: dict[str, Any] = {
        "origine": ORIGINE, "export": "EXP-2026-0001", "note": note(1), "taille": 4_512,
        "racine": sha256(b"racine").hexdigest(), "scelles": scelles(entries),
        "jetons": (
            Jeton(taille=4_400, instant=INSTANT, service="Service d'horodatage d'exemple", qualifie=False),
            Jeton(
                taille=4_512, instant=INSTANT + timedelta(hours=4), service="Autorité d'exemple", qualifie=True,
                reserves=("révocation non consultée",),
            ),
        ),
        "temoins": (TemoinVu(nom="temoin-0.exemple/ddd", instant=INSTANT),), "recensement": date(2026, 11, 24),
        "cles": (Cle(nom=ORIGINE, empreinte="1b2c3d4e"), Cle(nom=f"{ORIGINE}/exports", empreinte="0a0b0c0d")),
        "verifier_html": sha256(b"html").hexdigest(), "verifier_pyz": sha256(b"pyz").hexdigest(),
    }  # fmt: skip
    return Integrite(**{**values, **given})


def inventaire(entries: Iterable[Entry]) -> Inventaire:
    """Every document that the facts cite."""
    cited = dict.fromkeys((p.sha256, p.nom) for entry in entries for p in entry.fait.pieces)
    return Inventaire().avec(Piece(libelle=f"Document {name}", sha256=digest) for digest, name in cited)


def rapport(entries: Sequence[Entry], au: date, **given: Any) -> Rapport:
    """The report of these facts (in order of arrival) as seen on the day ``au``."""
    found = avec_le_passe(entries, preuve(entries, Moment(None, au)))
    values: dict[str, Any] = {
        "personne": next((e.fait.personne for e in entries if e.fait.personne), "personne-exemple"),
        "entries": tuple(entries), "masques": 0, "couverture": couverture(holding(entries, on=au), au),
        "preuve": found, "inventaire": inventaire(entries), "integrite": scellement(entries),
    }  # fmt: skip
    return Rapport(**{**values, **given})


def du_cas(case: str, **given: Any) -> Rapport:
    """The report of a worked case, or of a decision."""
    expected = BY_CASE.get(case) or BY_DECISION[case]
    name = "cas.jsonl" if case in BY_CASE else "decisions.jsonl"
    told = [fait for fait in facts(name) if fait.personne == expected["personne"]]
    return rapport(as_entries(told), date.fromisoformat(expected["observe_le"]), **given)
