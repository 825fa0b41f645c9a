"""Puts together what a report is made from: the facts as they may be shown, and what dates and proves each."""

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from uuid import UUID

import msgspec

from app.export_lecture import Lu
from app.open import sceau_of, time_of
from app.settings import Settings
from evidence.contenus import TIERS
from evidence.inventaire import Inventaire, Piece
from evidence.journal import Journal, Ligne
from evidence.paquet import nom_de_cle
from evidence.rapport import rapport_pdf
from evidence.rapport_modeles import Cle, Expertise, Integrite, Jeton, Rapport, Retenue, Scelle, TemoinVu
from evidence.sceau import sceller
from ledger.coffre import uuid_of
from ledger.days import paris_day
from ledger.events.acces import REGARDS
from ledger.retained import holding
from ledger.seal import timestamp
from ledger.seal.checkpoint import Checkpoint
from ledger.seal.checks import line_hash
from ledger.seal.note import Note, Verifier
from ledger.seal.sealer import CENSUS
from ledger.seal.timestamp import Timestamp
from projections.couverture import couverture
from replay.tiers import Masque


def rapport(
    settings: Settings,
    lu: Lu,
    inventaire: Inventaire,
    verificateurs: Mapping[str, bytes],
    jour: date,
    expertise: Expertise | None = None,
) -> bytes:
    """The report of what was read, dated ``jour``, sealed where a seal is set; ``inventaire`` numbers the pieces.

    ``expertise``: the bundle that proves it, where it is not in that bundle itself.

    :raises ConstatError: it cannot be laid out or sealed, or a finding rests on what the person keeps back.
    """
    demande, masque = lu.demande, Masque(lu.demande.personne, lu.entries)
    told = tuple(entry for entry in lu.entries if not isinstance(entry.fait.evenement, REGARDS))
    shown = told if demande.tiers else tuple(masque.entry(entry) for entry in told)
    there = {entry.event_id for entry in told}
    held = holding(lu.entries, at=lu.vue.connu_le, on=lu.vue.au)
    contenu = Rapport(
        personne=demande.personne,
        entries=shown,
        masques=0 if demande.tiers else masque.masked,
        couverture=couverture(held, lu.vue.au),
        preuve=lu.preuve,
        inventaire=inventaire,
        integrite=integrite(lu, there, tokens(settings, lu.journal), verificateurs, expertise),
        absentes={each.piece.sha256: each.motif for each in lu.pieces if each.fichier is None},
        retenues=tuple(
            Retenue(entry=entry, part=part, motif=why, masquee=why == TIERS)
            for (entry, part), why in sorted(lu.fermees.items(), key=str)
            if entry in there
        ),
        affaire=demande.affaire,
        regards=len(lu.entries) - len(told),
    )
    made, seal = rapport_pdf(contenu, jour), sceau_of(settings)
    return made if seal is None else sceller(made, seal)


def inventaire_de(lu: Lu) -> Inventaire:
    """The documents of a bundle with the numbers that their names begin with."""
    there = (each.piece for each in lu.pieces if each.fichier is not None)
    return Inventaire().avec(Piece(libelle=each.nom[:300].ljust(3, "_"), sha256=each.sha256) for each in there)


def tokens(settings: Settings, journal: Journal) -> dict[int, Timestamp]:
    """By checkpoint, what its token proves to whom this deployment believes; those that prove nothing are left out."""
    trust = time_of(settings)
    proven: dict[int, Timestamp] = {}
    for point in journal.points:
        if trust is not None and point.jeton:
            found = timestamp.existence([point.jeton], sha256(point.note).digest(), trust).proven
            proven.update(zip([point.taille], found, strict=False))
    return proven


def integrite(
    lu: Lu,
    faits: Collection[UUID],
    proven: Mapping[int, Timestamp],
    verificateurs: Mapping[str, bytes],
    expertise: Expertise | None,
) -> Integrite:
    """What lets anybody check the report without the ledger. ``faits``: those that the report tells."""
    journal = lu.journal
    note = Note.parse(journal.tete.note)
    point, said = Checkpoint.parse(note.text), lu.politique.judge(note)
    exports = [each for each in lu.politique.logs if each.name == nom_de_cle(journal.origine)]
    witnesses = (TemoinVu(nom=name, instant=_instant(time)) for name, time in sorted(said.cosigned.items()))
    return Integrite(
        origine=journal.origine,
        export=str(lu.demande.id),
        note=journal.tete.note.decode(),
        taille=point.size,
        racine=point.root.hex(),
        scelles=tuple(_scelle(journal, ligne, proven) for ligne in journal.actes if uuid_of(ligne.event_id) in faits),
        jetons=tuple(
            Jeton(taille=size, instant=each.time, service=each.tsa, qualifie=each.qualified, reserves=each.reserves)
            for size, each in sorted(proven.items())
        ),
        temoins=tuple(witnesses),
        recensement=_recense_le(journal),
        cles=tuple(map(_cle, (*said.signed_by, *exports))),
        verifier_html=sha256(verificateurs["verifier.html"]).hexdigest(),
        verifier_pyz=sha256(verificateurs["verifier.pyz"]).hexdigest(),
        expertise=expertise,
    )


def _scelle(journal: Journal, ligne: Ligne, proven: Mapping[int, Timestamp]) -> Scelle:
    bounds = journal.bornes(ligne.rang)
    before = proven.get(bounds.apres) if bounds.apres is not None else None
    after = proven.get(bounds.avant) if bounds.avant is not None else None
    there = [each for each in (before, after) if each is not None]
    return Scelle(
        entry=uuid_of(ligne.event_id),
        index=ligne.rang,
        feuille=line_hash(ligne.texte.encode()).hex(),
        pas_avant=before.time - (before.accuracy or timedelta()) if before else None,
        pas_apres=after.latest if after else None,
        qualifie=bool(there) and all(each.qualified for each in there),
    )


def _cle(verifier: Verifier) -> Cle:
    return Cle(nom=verifier.name, empreinte=verifier.vkey.removeprefix(f"{verifier.name}+"))


def _instant(seconds: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, tz=UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _recense_le(journal: Journal) -> date | None:
    for ligne in journal.lignes:
        if not ligne.sujet:
            said = msgspec.json.decode(ligne.texte)
            if said["kind"] == CENSUS:
                return paris_day(datetime.fromisoformat(said["at"]))
    return None
