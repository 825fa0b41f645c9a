"""What is read of a person for a page: her life once, as long as nothing was added to it; nothing before its trace.

A life only grows, so what was read of it stays right until its version changes. Consultations are kept apart in a
stream of their own: looking at a dossier does not make it new.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from threading import Lock
from typing import Any, Final, NamedTuple, TypeVar
from uuid import UUID, uuid4

import psycopg

from ledger.coffre import EPOCH, Id
from ledger.days import Quand, last_instant
from ledger.entry import Acteur, Entry, Fait
from ledger.events.acces import CompteChange, DossierConsulte, RechercheEffectuee
from ledger.events.listes import FondementAcces
from ledger.events.types import Canal, Flux, Grade, Source
from ledger.follower import live_schema
from ledger.retained import holding
from ledger.store import Ledger, stream_of
from projections.interruptions import Interruptions
from projections.pertes import Perte, lues, pertes
from replay.as_of import Moment
from replay.limite import Limite
from replay.preuve import preuve
from replay.vie import touchants
from web.acces import Attaches, Motif, Profil, attaches
from web.ouverts import seulement
from web.qui import acteur

INTERRUPTIONS: Final = Interruptions()
CONSULTATIONS: Final = "consultations"
"""The object of the stream that keeps who looked."""
VIES: Final = 256
"""Lives that a process keeps read."""
PERIMETRE: Final = 500
"""Signs of what was looked at, in a trace: as many as its field takes."""
RENDUS: Final = 2_000
"""Fragments that a process keeps made."""

Rendu = TypeVar("Rendu")


class Version(NamedTuple):
    """Up to where a life was read: changes as soon as anything was added that a page could show."""

    siennes: int
    """The last entry of hers, consultations aside."""
    partagees: int
    """The last entry of the incidents that are nobody's."""
    effacements: int
    """The last erasure, of anybody: what was read before may be hers, who is to be forgotten."""


@dataclass(frozen=True, slots=True)
class Vie:
    """A person as she was read. ``entries``: hers, and those of the incidents that reached her; all that may be shown.

    ``attaches``: by what access is decided, of the whole of her, whatever is open; never shown.
    """

    sujet: bytes
    personne: str
    version: Version
    entries: tuple[Entry, ...]
    attaches: Attaches
    regards: Id
    """The stream of who looked at her, which is apart."""
    limite: Limite | None = None
    """The dossiers to which these facts were limited; ``None``: she is read whole."""
    concluante: bool = True
    """Whether what these facts conclude by themselves is true of the whole of her."""

    @property
    def reference(self) -> str:
        """How addresses name her: the random id of her subject, 32 hexadecimal digits."""
        return self.sujet.hex()


class _Memoire:
    """The most recent values, in the memory of this process and nowhere else."""

    def __init__(self, limite: int) -> None:
        self._held: OrderedDict[Hashable, Any] = OrderedDict()
        self._limite = limite
        self._lock = Lock()

    def get(self, key: Hashable) -> Any:
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
            return self._held.get(key)

    def put(self, key: Hashable, value: Any) -> None:
        with self._lock:
            self._held[key] = value
            self._held.move_to_end(key)
            while len(self._held) > self._limite:
                self._held.popitem(last=False)


class Lecteur:
    """Reads lives for one ledger, and writes who looked."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.oublier()

    def oublier(self) -> None:
        """Keep nothing of what was read, as after a start."""
        self._vies, self._rendus, self._partages = _Memoire(VIES), _Memoire(RENDUS), _Memoire(1)

    def vie(self, sujet: bytes) -> Vie | None:
        """The life of ``sujet``, by which is decided who may look; ``None`` of nobody, an incident, who was erased."""
        with seulement(sujet):
            return self._vie(sujet)

    def connait(self, sujet: bytes) -> bool:
        """Whether this is the subject of a person."""
        with seulement(sujet), self._ledger.connection() as conn:
            key = self._ledger.coffre.of_subjects(conn, [sujet]).get(sujet)
        return key is not None and key.shared is None

    def _vie(self, sujet: bytes) -> Vie | None:
        held: Vie | None = self._vies.get(sujet)
        with self._ledger.connection() as conn:
            if held is not None and held.version == _version(conn, held.sujet, held.regards):
                return held
            key = self._ledger.coffre.of_subjects(conn, [sujet]).get(sujet)
            if key is None or key.shared is not None:
                return None
            looked = stream_of(key, Flux.ACCES, CONSULTATIONS)
            version = _version(conn, key.subject, looked)
            hers = self._ledger.life_in(conn, key, sauf=looked)
        if not hers:
            return None
        entries = touchants((*hers, *self._incidents(version.partagees)))
        read = Vie(sujet, key.reference, version, entries, attaches(holding(hers)), looked)
        self._vies.put(sujet, read)
        return read

    def _incidents(self, jusqu_a: int) -> tuple[Entry, ...]:
        """The incidents that are nobody's, read once for everybody; ``jusqu_a`` is the last entry of theirs."""
        if not jusqu_a:
            return ()
        held: tuple[Entry, ...] | None = self._partages.get(jusqu_a)
        if held is None:
            held = self._ledger.shared(Flux.INCIDENT)
            self._partages.put(jusqu_a, held)
        return held

    def sujet(self, personne: str) -> bytes | None:
        """The subject of the person who is known by this reference."""
        with self._ledger.connection() as conn:
            return self._ledger.coffre.person(conn, personne)

    def consultations(self, vie: Vie) -> tuple[Entry, ...]:
        """Who looked at this person, in order of arrival."""
        return self._ledger.history(vie.personne, Flux.ACCES, CONSULTATIONS).entries

    def tracer(self, profil: Profil, vie: Vie, motif: Motif, perimetre: str, now: datetime) -> UUID:
        """Record that ``profil`` looks at this person, before anything is shown; the id of the trace.

        :raises psycopg.OperationalError: the ledger cannot be written: nothing may be shown.
        """
        asked = uuid4()
        if vie.limite is not None:
            perimetre = f"{perimetre} ; dossiers : {', '.join(vie.limite.dits)}"[:PERIMETRE]
        event = DossierConsulte(fondement=motif.fondement, perimetre=perimetre, reference=motif.reference)
        self._ledger.append([_fait(f"consultation-{asked}", acteur(profil), event, now, personne=vie.personne)])
        return asked

    def tracer_recherche(
        self,
        profil: Profil,
        fondement: FondementAcces,
        criteres: str,
        resultats: int,
        now: datetime,
        *,
        sujets: Sequence[bytes] = (),
        reference: str | None = None,
    ) -> UUID:
        """Record a search, by the digest of its ``criteres``, before its results are shown; the id of the trace.

        ``sujets``: who is about to be shown. The digest is keyed by the deployment: who does not hold its keys cannot
        try references until one gives the same digest.
        """
        asked = uuid4()
        event = RechercheEffectuee(
            fondement=fondement,
            empreinte_criteres=self._ledger.coffre.blind_index(criteres).hex(),
            nombre_resultats=resultats,
            reference=reference,
            sujets=tuple(each.hex() for each in sujets),
        )
        stream = f"{CONSULTATIONS}-{profil.acteur}"
        self._ledger.append([_fait(f"consultation-{asked}", acteur(profil), event, now, objet=stream)])
        return asked

    def tracer_compte(
        self, par: Acteur, event: CompteChange, compte: UUID, sujets: Collection[bytes], now: datetime
    ) -> None:
        """Record what ``par`` does to an account, before it takes effect: by account, and with each of ``sujets``.

        ``compte``: its id; ``sujets``: the persons whose own dossiers it opens, or opened.

        :raises psycopg.OperationalError: the ledger cannot be written: nothing may be changed.
        """
        done = f"compte-{uuid4()}"
        with seulement(*sujets), self._ledger.connection() as conn:
            keys = self._ledger.coffre.of_subjects(conn, sujets).values()
        told = [_fait(done, par, event, now, personne=key.reference) for key in keys if key.shared is None]
        self._ledger.append([_fait(done, par, event, now, objet=objet_du_compte(compte)), *told])

    def pertes(self, vie: Vie, au: date) -> tuple[Perte, ...]:
        """Her lost days up to ``au`` and to whom they are due: kept up to date by a follower, else read now."""
        if vie.limite is None and max(entry.fait.survenu.fin for entry in vie.entries) <= last_instant(au):
            with self._ledger.connection() as conn:
                found = lues(conn, live_schema(INTERRUPTIONS), vie.sujet, au, apart=vie.regards)
            if found is not None:
                return found
        return pertes(preuve(vie.entries, Moment(None, au)).attributions)

    def rendu(self, vie: Vie, quoi: Hashable, faire: Callable[[], Rendu]) -> Rendu:
        """What ``faire`` makes of this life, made once a version; it must hold nothing of who looks."""
        key = (vie.sujet, vie.version, vie.limite, vie.concluante, quoi)
        made = self._rendus.get(key)
        if made is None:
            made = faire()
            self._rendus.put(key, made)
        return made  # type: ignore[no-any-return] # what was put under this key


def _version(conn: psycopg.Connection[Any], sujet: bytes, regards: Id) -> Version:
    row = conn.execute(
        "SELECT coalesce((SELECT max(notification_id) FROM ledger.entry"
        "   WHERE subject = %b AND originator_id <> %b), 0),"
        " coalesce((SELECT max(e.notification_id) FROM ledger.shared_subject AS s JOIN ledger.entry AS e"
        f"   ON e.subject = s.subject WHERE s.flux = %s), 0), ({EPOCH})",
        (Id(sujet), regards, Flux.INCIDENT.value),
        binary=True,
        prepare=True,
    ).fetchone()
    assert row is not None  # noqa: S101 - an aggregate gives one row
    return Version(*row)


def objet_du_compte(compte: UUID) -> str:
    """What the stream that holds what was done to an account is about."""
    return f"compte-{compte}"


def _fait(
    ident: str,
    par: Acteur,
    event: CompteChange | DossierConsulte | RechercheEffectuee,
    now: datetime,
    *,
    personne: str | None = None,
    objet: str = CONSULTATIONS,
) -> Fait:
    return Fait(
        id=ident,
        personne=personne,
        objet=objet,
        survenu=Quand.le(now),
        acteur=par,
        canal=Canal.SYSTEME,
        source=Source.CONSTAT,
        grade=Grade.A,
        evenement=event,
    )


def sujet_de(reference: str) -> bytes | None:
    """The subject that an address names."""
    try:
        return Id(bytes.fromhex(reference)) if len(reference) == 32 else None  # noqa: PLR2004 - 16 bytes
    except ValueError:
        return None
