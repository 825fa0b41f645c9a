"""Makes a person's bundle from an open ledger: what was read of her, her report, and the verifiers."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import NamedTuple

from app.export_lecture import DEFENSEUR, Demande, Lu, lire
from app.export_rapport import inventaire_de, rapport
from app.exports import EXPLOITANT, Remise, cles_exports, horodateur
from app.open import Opened
from app.settings import Settings
from evidence.contradictoire import NOM as CONTRADICTOIRE
from evidence.contradictoire import contradictoire, en_json
from evidence.echange import OCEL_NOM, XES_NOM, ocel, xes
from evidence.paquet import Contenance, paquet
from evidence.produit import Produit
from evidence.verificateurs.assemblage import pyz
from evidence.verificateurs.assemblage_page import page
from ledger.coffre import uuid_of
from ledger.days import paris_day
from ledger.entry import Acteur
from ledger.errors import ConstatError
from ledger.events.listes import FondementAcces, NatureExport
from ledger.seal.checks import line_hash
from ledger.seal.note import Note
from replay.tiers import Masque


@cache
def verificateurs() -> Mapping[str, bytes]:
    """The verifiers that go with a bundle, which believe nobody by themselves."""
    return {"verifier.html": page(), "verifier.pyz": pyz()}


def remise(
    lu: Lu,
    fondement: FondementAcces,
    *,
    destinataire: str | None,
    reference: str | None,
    acteur: Acteur = EXPLOITANT,
) -> Remise:
    """What is recorded of an export of what was read: the view, what it concludes, under which checkpoint."""
    return Remise(
        id=lu.demande.id,
        nature=NatureExport.DOSSIER_DE_PREUVE,
        fondement=fondement,
        profil=lu.demande.profil,
        destinataire=destinataire,
        reference=reference,
        tiers_masques=not lu.demande.tiers,
        faits=len(lu.entries),
        vue=lu.vue,
        preuve=lu.preuve,
        point=lu.journal.tete.taille,
        acteur=acteur,
    )


class Fait(NamedTuple):
    """A bundle, and what it was made of."""

    produit: Produit
    lu: Lu


def faire(settings: Settings, opened: Opened, demande: Demande, now: datetime) -> Fait:
    """The bundle that is asked for, at ``now``; nothing is written or recorded.

    :raises ConstatError: as ``lire`` and ``emballer`` say.
    """
    return emballer(settings, opened, lire(settings, opened, demande), now)


def emballer(settings: Settings, opened: Opened, lu: Lu, now: datetime) -> Fait:
    """The bundle of what was read for it, at ``now``.

    :raises ConstatError: as ``require_accepted`` and ``rapport`` say.
    """
    require_accepted(lu)
    demande = lu.demande
    contenance = Contenance(
        export=str(demande.id),
        profil=demande.profil,
        personne=demande.personne,
        exporte_le=now,
        vue=lu.vue,
        journal=lu.journal,
        contenus=lu.contenus,
        retenues=lu.retenues,
        pieces=lu.pieces,
        politique=lu.politique,
        rapport=rapport(settings, lu, inventaire_de(lu), verificateurs(), paris_day(now)),
        verificateurs=verificateurs(),
        autres=_autres(lu),
    )
    made = paquet(contenance, cles_exports(settings, opened.ledger.origin), horodateur(settings))
    return Fait(Produit(made.nom, made.forme, made.fichiers, made.documents, lu.partages), lu)


def require_accepted(lu: Lu) -> None:
    """The policy that goes with a bundle accepts its head: both verifiers refuse a bundle of which it does not.

    :raises ConstatError: none of its keys signed the head, or too few of its witnesses cosigned it.
    """
    said = lu.politique.judge(Note.parse(lu.journal.tete.note))
    point = f"le point de contrôle de {said.checkpoint.size} lignes"
    if not said.signed_by:
        msg = f"aucune clé de la politique n'a signé {point} : donnez à CONSTAT_POLICY les clés de « constat seal key »"
        raise ConstatError(msg)
    if not said.quorum:
        msg = f"les témoins que la politique demande n'ont pas cosigné {point} : « constat seal once » dit lesquels"
        raise ConstatError(msg)


def _autres(lu: Lu) -> dict[str, bytes]:
    """The same facts for who mines processes; for the Défenseur des droits, what both sides said of them too."""
    masque, kept = Masque(lu.demande.personne, lu.entries), lu.demande.gardees
    told = [entry for entry in lu.entries if entry.fait.id not in kept]
    told = told if lu.demande.tiers else [masque.entry(entry) for entry in told]
    leaves = {uuid_of(each.event_id): line_hash(each.texte.encode()).hex() for each in lu.journal.actes}
    told = [entry for entry in told if entry.event_id in leaves]
    files = {f"echange/{OCEL_NOM}": ocel(told, leaves), f"echange/{XES_NOM}": xes(told, leaves)}
    if lu.demande.profil == DEFENSEUR:
        files[f"ddd/{CONTRADICTOIRE}"] = en_json(contradictoire(told, lu.preuve))
    return files
