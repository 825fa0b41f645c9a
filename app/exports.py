"""An export is an act: kept so that it can be made again to the byte, recorded in the ledger, then handed over.

In this order: a crash leaves one trace too many, never an export without one.
"""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple
from uuid import UUID

from app.cli_common import life_and_incidents
from app.open import Opened, authority_of, policy_of, sealer_of, signing_keys
from app.settings import Settings
from commands.base import Acte
from commands.handle import handle
from evidence import conclusion
from evidence.conclusion import Suite
from evidence.paquet import Vue, nom_de_cle
from evidence.produit import Lecture, Produit, gardes, nom_garde
from ledger.coffre import PersonKey
from ledger.days import Jours, Quand
from ledger.entry import Acteur, Entry, Fait, Piece
from ledger.errors import ConstatError, TamperedError
from ledger.events.acces import ExportProduit
from ledger.events.listes import FondementAcces, NatureExport
from ledger.events.types import Canal, Grade, NatureActeur, Source
from ledger.retained import holding
from ledger.seal import timestamp
from ledger.seal.census import take_census
from ledger.seal.couriers import Cosigning, Stamping
from ledger.seal.log import SealedLog
from ledger.seal.note import Verifier
from ledger.seal.policy import NOBODY as NO_WITNESS
from ledger.seal.policy import Policy
from ledger.seal.promise import keys_at
from ledger.seal.signing import KIND, SigningKeys, succession
from replay.preuve import Preuve

KEYS: Final = "exports.json"
NOBODY: Final = "exports"
"""Under which object exports are recorded that are about nobody."""
EXPLOITANT: Final = Acteur(nature=NatureActeur.ADMINISTRATEUR)
"""Who makes an export by a command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remise:
    """Who gets an export, by which right, and what it says. ``id``: under which it can be made again."""

    id: UUID
    nature: NatureExport
    fondement: FondementAcces
    profil: str
    destinataire: str | None = None
    reference: str | None = None
    tiers_masques: bool = True
    faits: int | None = None
    vue: Vue | None = None
    preuve: Preuve | None = None
    point: int | None = None
    acteur: Acteur = EXPLOITANT


class Remis(NamedTuple):
    """An export that is in the ledger."""

    entry: Entry
    event: ExportProduit


def remettre(opened: Opened, personne: str, produit: Produit, remise: Remise, place: Path, now: datetime) -> Entry:
    """Keep ``produit``, record that it is handed over, and write it to ``place``, where nothing may be.

    :raises ConstatError: something is there, or a document of it is missing or altered; nothing is written.
    """
    if place.exists() or place.is_symlink():
        msg = f"« {place.name} » existe déjà : donnez un autre nom, ou retirez-le"
        raise ConstatError(msg)
    lire = lecture(opened, personne, produit.sujets)
    for piece in produit.documents.values():
        for _ in lire(piece):
            pass
    entry = conserver(opened, personne, produit, remise, now)
    produit.ecrire(place, lire)
    return entry


def conserver(opened: Opened, personne: str, produit: Produit, remise: Remise, now: datetime) -> Entry:
    """Keep ``produit`` and record that it is handed over, which is for whoever called to do next."""
    kept = _keep(opened, personne, remise.id, produit)
    return tracer(opened, personne, remise, produit.empreinte, produit.octets, now, kept)


def tracer(
    opened: Opened,
    personne: str | None,
    r: Remise,
    empreinte: str,
    octets: int,
    now: datetime,
    kept: Piece | None = None,
) -> Entry:
    """Record that an export is handed over; ``personne`` is ``None`` of one that is about nobody."""
    event = ExportProduit(
        nature=r.nature,
        fondement=r.fondement,
        destinataire=r.destinataire,
        sha256=empreinte,
        octets=octets,
        tiers_masques=r.tiers_masques,
        nombre_faits=r.faits,
        reference=r.reference,
        export=str(r.id),
        profil=r.profil,
        connu_le=Quand.le(r.vue.connu_le) if r.vue and r.vue.connu_le else None,
        vu_le=Jours(r.vue.au, r.vue.au) if r.vue else None,
        regles=r.vue.regles if r.vue else None,
        conclusion=conclusion.empreinte(r.preuve) if r.preuve else None,
        position_journal=r.point,
    )
    if personne is None:
        return opened.ledger.append([_de_personne(event, r.id, r.acteur, now)])[0]
    pieces = (kept,) if kept else ()
    acte = Acte(
        evenement=event, command_id=r.id, acteur=r.acteur, canal=Canal.SYSTEME, personne=personne, pieces=pieces
    )
    return handle(opened.ledger, acte, now)[0]


def _de_personne(event: ExportProduit, export: UUID, acteur: Acteur, now: datetime) -> Fait:
    """The fact of an export about nobody: no life to decide it from."""
    return Fait(
        id=f"export-{export}",
        objet=NOBODY,
        survenu=Quand.le(now),
        acteur=acteur,
        canal=Canal.SYSTEME,
        source=Source.CONSTAT,
        grade=Grade.A,
        evenement=event,
    )


def _keep(opened: Opened, personne: str, export: UUID, produit: Produit) -> Piece:
    content = produit.garder()
    piece = Piece(nom=nom_garde(str(export)), octets=len(content), sha256=sha256(content).hexdigest())
    with tempfile.TemporaryDirectory(prefix="constat-export-") as name:
        (Path(name) / piece.sha256).write_bytes(content)
        if not opened.documents.take(_key(opened, personne), piece, Path(name)):
            raise TamperedError(TamperedError.__doc__)
    return piece


def _key(opened: Opened, personne: str) -> PersonKey:
    with opened.ledger.connection() as conn:
        return opened.ledger.coffre.find(conn, [personne])[personne]


def lecture(opened: Opened, personne: str, sujets: tuple[bytes, ...] = ()) -> Lecture:
    """How the documents of a person are read, and those of the incidents ``sujets`` that are nobody's."""
    with opened.ledger.connection() as conn:
        keys = [opened.ledger.coffre.find(conn, [personne])[personne]]
        keys += opened.ledger.coffre.of_subjects(conn, sujets).values()

    def read(piece: Piece) -> Iterator[bytes]:
        for key in keys[:-1]:
            try:
                chunks = opened.documents.read(key, piece)
                first = next(chunks, b"")
            except FileNotFoundError:
                continue
            yield first
            yield from chunks
            return
        yield from opened.documents.read(keys[-1], piece)

    return read


# ------------------------------------------------------------------ afterwards
def remis(entries: tuple[Entry, ...]) -> list[Remis]:
    """The exports that were handed over, in order; those that this program can make again have an id."""
    return [
        Remis(entry, entry.fait.evenement)
        for entry in holding(entries)
        if isinstance(entry.fait.evenement, ExportProduit)
    ]


def refaire(opened: Opened, personne: str, export: str, place: Path) -> Produit:
    """Write an export again, the same bytes, to ``place``. Nothing new is recorded: it is the same act.

    :raises ConstatError: there is no such export, it is gone, or something is at ``place``.
    """
    produit = retrouver(opened, personne, export)
    produit.ecrire(place, lecture(opened, personne, produit.sujets))
    return produit


def retrouver(opened: Opened, personne: str, export: str) -> Produit:
    """An export as it was kept, by the beginning of its id.

    :raises ConstatError: there is no such export, or it is gone.
    """
    found = [
        each for each in remis(life_and_incidents(opened, personne)) if (each.event.export or "").startswith(export)
    ]
    if len(found) != 1:
        count = "aucun export ne porte" if not found else "plusieurs exports portent"
        msg = f"{count} l'identifiant « {export} » : « constat export list {personne} » les donne"
        raise ConstatError(msg)
    (one,) = found
    kept = next(iter(gardes(one.entry.fait)), None)
    if kept is None:
        msg = "cet export a été fait sans être gardé : il ne peut pas être refait"
        raise ConstatError(msg)
    try:
        produit = Produit.garde(b"".join(lecture(opened, personne)(kept)))
    except FileNotFoundError as error:
        msg = "ce qui était gardé de cet export n'est plus au dépôt de documents : restaurez-le"
        raise ConstatError(msg) from error
    if produit.empreinte != one.event.sha256:
        raise TamperedError(TamperedError.__doc__)
    return produit


def suite_de(entries: tuple[Entry, ...], event: ExportProduit) -> Suite | None:
    """What became of an export's conclusion; ``None`` of one that concludes nothing."""
    if event.conclusion is None or event.connu_le is None or event.vu_le is None or event.regles is None:
        return None
    known, seen = event.connu_le.fin, event.vu_le.premier
    return conclusion.suite(entries, event.conclusion, known, seen, event.regles)


# ------------------------------------------------------------------ before
def cles_exports(settings: Settings, origine: str) -> SigningKeys:
    """The keys that sign exports, made where there are none."""
    return keys_at(settings.seal_keys.with_name(KEYS), nom_de_cle(origine))


def politique_du_paquet(settings: Settings, opened: Opened) -> Policy:
    """The policy that goes with a bundle: the deployment's own, or the log's keys alone; with the keys of exports.

    :raises ConstatError: the log's keys are known neither by a policy nor by a file of keys.
    """
    policy = policy_of(settings)
    if policy is None:
        if not settings.seal_keys.exists():
            msg = "les clés du registre ne sont pas connues ici : réglez CONSTAT_POLICY"
            raise ConstatError(msg)
        policy = Policy(logs=list(_log_keys(settings, opened)), quorum=NO_WITNESS)
    known = {each.key for each in policy.logs}
    exports = [each for each in cles_exports(settings, opened.ledger.origin).verifiers if each.key not in known]
    return Policy([*policy.logs, *exports], policy.witnesses, policy.groups, policy.quorum)


def _log_keys(settings: Settings, opened: Opened) -> Iterator[Verifier]:
    keys = signing_keys(settings, opened.ledger).verifiers
    with opened.ledger.connection() as conn:
        lines = SealedLog(conn).own_lines(opened.ledger.origin, KIND)
    yield from succession(lines, keys)


def rafraichir(settings: Settings, opened: Opened) -> None:
    """Seal, count, have cosigned and stamped, where the keys are here: so that an export proves its last fact too.

    Elsewhere the sealer of this ledger does it in its own time, and what it did last is shown.
    """
    if not settings.seal_keys.exists() and _signed(opened):
        return
    sealer = sealer_of(settings, opened)
    try:
        sealer.seal()
        take_census(sealer)
        sealer.seal()
        note = sealer.latest()
        if note is None:
            return
        policy, authority = policy_of(settings), authority_of(settings)
        if policy is not None:
            Cosigning(sealer.database, policy).ask(note)
        if authority is not None:
            with opened.ledger.connection() as conn:
                frozen = SealedLog(conn).latest()
            if frozen is not None:
                Stamping(sealer, authority, sealer.clock).stamp(frozen)
                sealer.seal()
    finally:
        sealer.close()


def _signed(opened: Opened) -> bool:
    with opened.ledger.connection() as conn:
        return SealedLog(conn).latest() is not None


def horodateur(settings: Settings) -> Callable[[bytes], bytes] | None:
    """What has a file stamped by the deployment's authority, verified; ``None`` when there is none."""
    authority = authority_of(settings)
    if authority is None:
        return None

    def stamp(content: bytes) -> bytes:
        digest = sha256(content).digest()
        token = timestamp.ask(authority.url, digest, policy=authority.policy, login=authority.login)
        timestamp.verify(token, digest, authority.trust)
        return token

    return stamp
