"""What may be read of a person: the same functions as the pages, the same filter, the same numbers."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Final

import msgspec
from django.http import HttpResponse
from ninja import Body, Query, Router
from pydantic import AwareDatetime, BaseModel, ConfigDict

from ledger.days import JourRegarde, paris_day
from ledger.entry import Entry
from ledger.events.types import Flux
from ledger.retained import holding
from projections.acces import FiltreAcces, ParService, Regard
from projections.chronologie import Evenement, Filtre, Silence, chronologie
from projections.couverture import Couverture
from projections.etat import EtatDossier, etats
from projections.historique import Ligne, lignes
from replay.as_of import Lecture, Moment
from replay.preuve import Preuve
from rules.catalogue import empreinte
from rules.jeux import ACTUEL
from web.acces import Objet
from web.api.identite import Demande
from web.api.operations import operation
from web.api.problemes import Code, Probleme
from web.api.reponses import Suite, encoder, repondre, tranche
from web.lu import lecture_de, montrees, preuve_de
from web.pages.consultations import journal_de
from web.registre import registre

UN: Final = "/dossiers/{sujet}"
router = Router(tags=["Lire un dossier"])


class PageChronologie(msgspec.Struct, frozen=True, kw_only=True):
    """Une page de la chronologie, dans l'ordre des faits."""

    au: date
    """The civil day from which one looks."""
    total: int
    """Facts of the whole timeline."""
    montres: int
    """Those that the filter keeps, on all pages."""
    par_origine: dict[str, int]
    faits: Sequence[Evenement]
    silences: Sequence[Silence]
    """Days without any act of the administration, of the whole timeline; none when a filter is set."""
    suite: str | None
    """To send as ``apres`` for what follows; ``None`` on the last page."""


class PageFaits(msgspec.Struct, frozen=True, kw_only=True):
    """Une page des faits, dans l'ordre où le registre les a appris."""

    total: int
    faits: Sequence[Ligne]
    suite: str | None


class FaitEntier(msgspec.Struct, frozen=True, kw_only=True):
    """Un fait, avec ce qu'il contient."""

    ligne: Ligne
    donnees: dict[str, Any]
    """The payload, as the interchange format writes it."""


class EtatAu(msgspec.Struct, frozen=True, kw_only=True):
    """L'état de chaque dossier de la personne."""

    au: date
    etats: tuple[EtatDossier, ...]


class PageConsultations(msgspec.Struct, frozen=True, kw_only=True):
    """Une page de qui a regardé, le plus récent d'abord : ce que ce compte peut en savoir."""

    total: int
    """Looks that may be told."""
    montres: int
    tus: int
    """Looks that may not be told yet."""
    lignes: Sequence[Regard]
    services: Sequence[ParService]
    inhabituels: dict[str, int]
    suite: str | None


class Vue(BaseModel):
    """D'où l'on regarde."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    au: JourRegarde | None = None
    """Le jour civil, à Paris ; absent : aujourd'hui."""


class VueConnue(Vue):
    """D'où l'on regarde, et ce qui était su."""

    connu_le: AwareDatetime | None = None
    """L'instant auquel le registre savait ; absent : maintenant."""


@router.get(f"{UN}/chronologie", summary="La chronologie, filtrée comme sur la page")
@operation(Objet.CHRONOLOGIE, Filtre, Suite)
def lire_chronologie(request: Demande, sujet: str, filtre: Query[Filtre], suite: Query[Suite]) -> HttpResponse:
    """Tout ce qui est arrivé, dans l'ordre. Des mots à chercher s'envoient plutôt par POST : une adresse se garde."""
    del sujet
    return _chronologie(request, filtre, suite)


@router.post(f"{UN}/chronologie/recherche", summary="La même chose, le filtre dans le corps")
@operation(Objet.CHRONOLOGIE, Suite)
def chercher_chronologie(
    request: Demande, sujet: str, filtre: Annotated[Filtre, Body()], suite: Query[Suite]
) -> HttpResponse:
    """N'écrit rien qu'une consultation : ce qui est cherché n'est ni dans l'adresse, ni dans la trace."""
    del sujet
    return _chronologie(request, filtre, suite)


def _chronologie(request: Demande, filtre: Filtre, suite: Suite) -> HttpResponse:
    vie, au = request.vie, filtre.au or paris_day(request.now)
    entries = montrees(vie, request.profil.role)

    def faire() -> bytes:
        told = chronologie(entries, filtre, au, entiere=vie.limite is None)
        page, more = tranche(told.faits, suite, lambda each: _cle(each.ligne))
        return encoder(
            PageChronologie(
                au=au,
                total=told.total,
                montres=told.montres,
                par_origine={name.value: count for name, count in told.par_origine.items()},
                faits=page,
                silences=told.silences,
                suite=more,
            )
        )

    return repondre(
        registre().lecteur.rendu(vie, ("api", "chronologie", entries is vie.entries, filtre, suite, au), faire)
    )


@router.get(f"{UN}/faits", summary="Les faits, dans l'ordre où le registre les a appris")
@operation(Objet.CHRONOLOGIE, Suite)
def lire_faits(request: Demande, sujet: str, suite: Query[Suite]) -> HttpResponse:
    """Un fait ne change jamais, et un nouveau vient à la fin : reprendre à « suite » ne donne que du neuf."""
    del sujet
    vie, entries = request.vie, montrees(request.vie, request.profil.role)

    def faire() -> bytes:
        told = [ligne for _, ligne in _numerotes(entries)]
        page, more = tranche(told, suite, _cle)
        return encoder(PageFaits(total=len(told), faits=page, suite=more))

    return repondre(registre().lecteur.rendu(vie, ("api", "faits", entries is vie.entries, suite), faire))


@router.get(f"{UN}/faits/{{numero}}", summary="Un fait, avec ce qu'il contient")
@operation(Objet.CHRONOLOGIE)
def lire_fait(request: Demande, sujet: str, numero: int) -> HttpResponse:
    """Par son numéro, qui ne change jamais."""
    del sujet
    for entry, ligne in _numerotes(montrees(request.vie, request.profil.role)):
        if ligne.numero == numero:
            return repondre(encoder(FaitEntier(ligne=ligne, donnees=entry.fait.evenement.model_dump(mode="json"))))
    raise Probleme(Code.INTROUVABLE)


@router.get(f"{UN}/etat", summary="L'état de chaque dossier")
@operation(Objet.CHRONOLOGIE, Vue)
def lire_etat(request: Demande, sujet: str, vue: Query[Vue]) -> HttpResponse:
    """Où en est chaque demande."""
    del sujet
    vie, au = request.vie, vue.au or paris_day(request.now)

    def faire() -> bytes:
        return encoder(EtatAu(au=au, etats=etats(holding(vie.entries, on=au))))

    return repondre(registre().lecteur.rendu(vie, ("api", "etat", au), faire))


@router.get(f"{UN}/couverture", summary="Les droits jour par jour")
@operation(Objet.CHRONOLOGIE, Vue)
def lire_couverture(request: Demande, sujet: str, vue: Query[Vue]) -> HttpResponse:
    """Le droit, sa preuve et ses effets, jamais confondus, avec chaque lacune."""
    del sujet
    return _rendre(request, "couverture", Moment(None, vue.au or paris_day(request.now)), lambda read: read.couverture)


@router.get(f"{UN}/connu", summary="Ce qui était connu à une date")
@operation(Objet.CONNU, VueConnue)
def lire_connu(request: Demande, sujet: str, vue: Query[VueConnue]) -> HttpResponse:
    """L'état et les droits, d'après ce que le registre savait alors."""
    del sujet
    return _rendre(request, "connu", Moment(vue.connu_le, vue.au or paris_day(request.now)), lambda read: read)


def _rendre(request: Demande, quoi: str, moment: Moment, choisir: Any) -> HttpResponse:
    vie = request.vie
    key = ("api", quoi, moment.connu_le, moment.au)
    return repondre(registre().lecteur.rendu(vie, key, lambda: encoder(choisir(lecture_de(vie, moment)))))


@router.get(f"{UN}/preuves", summary="À qui chaque jour perdu est dû, et ce qui le montre")
@operation(Objet.PREUVES, VueConnue)
def lire_preuves(request: Demande, sujet: str, vue: Query[VueConnue]) -> HttpResponse:
    """Les règles qui n'ont pas été vérifiées sont dites telles, là où elles servent."""
    del sujet
    vie, moment = request.vie, Moment(vue.connu_le, vue.au or paris_day(request.now))
    key = ("api", "preuves", empreinte(ACTUEL), moment.connu_le, moment.au)
    return repondre(registre().lecteur.rendu(vie, key, lambda: encoder(preuve_de(vie, moment))))


@router.get(f"{UN}/consultations", summary="Qui a regardé")
@operation(Objet.CONSULTATIONS, FiltreAcces, Suite)
def lire_consultations(request: Demande, sujet: str, filtre: Query[FiltreAcces], suite: Query[Suite]) -> HttpResponse:
    """Les regards les plus récents d'abord, celui-ci compris ; ce qui peut en être dit dépend de qui demande."""
    del sujet
    told, _ = journal_de(request, filtre)
    count = len(told.lignes)
    page, more = tranche(list(enumerate(told.lignes)), suite, lambda each: str(count - each[0]))
    return repondre(
        encoder(
            PageConsultations(
                total=told.total,
                montres=told.montres,
                tus=told.tus,
                lignes=[line for _, line in page],
                services=told.services,
                inhabituels={each.value: times for each, times in told.inhabituels.items()},
                suite=more,
            )
        )
    )


def _numerotes(entries: Sequence[Entry]) -> list[tuple[Entry, Ligne]]:
    """The facts that have a number, by it; who looked and what was exported has pages of its own."""
    told = [pair for pair in lignes(entries) if pair[1].numero is not None and pair[0].fait.flux is not Flux.ACCES]
    return sorted(told, key=lambda pair: pair[1].numero or 0)


def _cle(ligne: Ligne) -> str:
    return f"n{ligne.numero}" if ligne.numero is not None else f"i{ligne.id}"


REPONSES: Final[dict[str, type]] = {
    "lire_chronologie": PageChronologie,
    "chercher_chronologie": PageChronologie,
    "lire_faits": PageFaits,
    "lire_fait": FaitEntier,
    "lire_etat": EtatAu,
    "lire_couverture": Couverture,
    "lire_connu": Lecture,
    "lire_preuves": Preuve,
    "lire_consultations": PageConsultations,
}
"""What each operation answers, for the published schema."""
