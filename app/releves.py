"""Receipts, statements, a person's history and her request for access: made here for commands and pages alike.

What holds a person's data is recorded as an export before it leaves (:func:`consigner`): a crash leaves one trace too
many, never one too few.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID, uuid4

import structlog

from app import access_export
from app.cli_common import life_and_incidents
from app.exports import EXPLOITANT, Remise, conserver
from app.open import Opened, policy_of
from app.promises import receipts
from app.settings import Settings
from evidence.blocage import blocage_pdf
from evidence.delais_acces import Mode
from evidence.demande_acces import Demandeur, demande_pdf
from evidence.produit import Forme, Produit
from evidence.recus import recu_pdf, tentative_pdf
from ledger.entry import Acteur, Entry
from ledger.events.listes import FondementAcces, NatureExport
from ledger.retained import holding
from ledger.seal.policy import Policy
from projections.imputation.blocage import releve
from replay.tiers import Masque
from replay.vie import touchants

log = structlog.get_logger("constat.export")


class Releve(NamedTuple):
    """What was made for a person. ``documents``: each file by its name, the first one first."""

    nature: NatureExport
    profil: str
    documents: Mapping[str, bytes]

    def produit(self, export: UUID) -> Produit:
        """The same, as exports are kept: one file, or a folder of several."""
        name, *more = self.documents
        if not more:
            return Produit(name, Forme.FICHIER, self.documents)
        return Produit(f"{self.profil.split(maxsplit=1)[0]}-{export.hex[:8]}", Forme.DOSSIER, self.documents)


class Demandee(NamedTuple):
    """What a request for access asks for, beside who asks. ``dossiers``: none means all."""

    mode: Mode
    recue_le: date | None = None
    dossiers: Sequence[str] = ()


def recu(settings: Settings, opened: Opened, entry: Entry, name: str, day: date, now: datetime) -> Releve:
    """The receipt of an act of the person, what she sent shown, the ``.recu`` file attached.

    :raises NoReceiptError: it is no act of the person, nor for her.
    :raises RecuError: it does not hold under the deployment's policy.
    """
    raw = bytes(receipts(settings, opened).of(entry, opened=True))
    return Releve(NatureExport.AUTRE, "reçu", {name: recu_pdf(raw, day, policy=policy_of(settings), now=now)})


def tentative(raw: bytes, name: str, day: date, now: datetime, policy: Policy | None) -> Releve:
    """The receipt of a failed attempt, as the guichet gave it, laid out.

    :raises RecuError: it is no such receipt, or does not hold.
    """
    return Releve(NatureExport.AUTRE, "reçu de tentative", {name: tentative_pdf(raw, day, policy=policy, now=now)})


def blocage(
    opened: Opened, person: str, name: str, day: date, *, connu_le: datetime | None = None, vu_le: date | None = None
) -> Releve:
    """The statement of blockage, which the substitution channel asks for (CESEDA R.431-2 al. 3).

    :raises ConstatError: nobody is known by this reference.
    """
    person = unicodedata.normalize("NFC", person)
    seen = vu_le or day
    held = holding(life_and_incidents(opened, person), at=connu_le, on=seen)
    document = blocage_pdf(person, opened.ledger.origin, releve(held, seen), held, day, connu_le=connu_le)
    return Releve(NatureExport.AUTRE, "relevé de blocage", {name: document})


def historique(opened: Opened, person: str, name: str, day: date, now: datetime) -> Releve:
    """The whole history, for her to read (RGPD art. 15), in volumes: X.pdf, X-2.pdf and so on.

    :raises ConstatError: nobody is known by this reference.
    """
    volumes = access_export.history(opened, person, day, now)
    _, *more = access_export.volume_names(len(volumes), name.removesuffix(".pdf"))
    return Releve(NatureExport.HISTORIQUE, "historique", dict(zip((name, *more), volumes, strict=True)))


def demande(opened: Opened, who: Demandeur, name: str, day: date, asked: Demandee) -> Releve:
    """The letter that asks the préfecture for her dossier (CRPA L.311-1) and for her data (RGPD art. 15).

    :raises ConstatError: nobody is known by this reference, or the days given cannot be.
    """
    entries = touchants(life_and_incidents(opened, who.reference))
    masque = Masque(who.reference, entries)
    document = demande_pdf(
        who,
        opened.ledger.origin,
        [masque.entry(entry) for entry in entries],
        day,
        asked.mode,
        recue_le=asked.recue_le,
        dossiers=asked.dossiers,
    )
    return Releve(NatureExport.AUTRE, "demande de communication", {name: document})


def consigner(
    opened: Opened,
    person: str,
    made: Releve,
    now: datetime,
    *,
    export: UUID | None = None,
    acteur: Acteur = EXPLOITANT,
    fondement: FondementAcces = FondementAcces.PERSONNE_CONCERNEE,
    reference: str | None = None,
    destinataire: str = "la personne concernée",
) -> Entry:
    """Keep what was made and record that it is handed over, which is for whoever called to do next."""
    ids = export or uuid4()
    remise = Remise(
        id=ids,
        nature=made.nature,
        fondement=fondement,
        profil=made.profil,
        destinataire=destinataire,
        reference=reference,
        acteur=acteur,
    )
    entry = conserver(opened, unicodedata.normalize("NFC", person), made.produit(ids), remise, now)
    log.info("personal_data_exported", nature=made.nature.value, documents=len(made.documents))
    return entry
