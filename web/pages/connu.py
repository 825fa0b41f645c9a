"""What the ledger knew (W3): as known on an instant and true on a day, compared with another moment."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from markupsafe import Markup

from evidence.phrases import valeur
from evidence.rapport_mots import instant
from ledger.days import paris_day
from ledger.entry import Entry
from ledger.events.types import Flux
from projections.etat import EtatDossier, EtatPieces
from projections.francais import libelle
from projections.pertes import pertes
from replay.as_of import Lecture, Moment
from replay.ecarts import Lu as Dite
from replay.ecarts import differences
from rules.catalogue import empreinte
from rules.jeux import ACTUEL
from web.acces import Objet, permis
from web.gabarit import requete as en_requete
from web.graphiques import Graphique, frise
from web.lecture import Vie
from web.lu import lecture_de, montrees, preuve_de, ramene
from web.moments import ecrit, exact, instant_de
from web.pages.commun import jour_de, remplir
from web.registre import registre
from web.requete import Requete, page

LOT: Final = timedelta(seconds=1)
"""Facts that arrive less than this apart are one arrival."""
ARRIVEES: Final = 12
"""So many of the last arrivals are offered as dates to compare."""
CHANGEMENTS: Final = 400
"""So many lines of one kind are shown."""

AUCUNE_PIECE: Final = EtatPieces(versees=0, accusees=0, recues=0, echecs=0)


class Arrivee(NamedTuple):
    """Facts that the ledger learned together, and the last second before."""

    le: datetime
    avant: datetime
    faits: int


@page(Objet.CONNU)
def montrer(request: Requete, sujet: str) -> HttpResponse:
    """Two readings of one life: what changed first, then both."""
    del sujet
    vie = request.vie
    came = arrivees(vie.entries)
    avant, apres = _moments(request, came)
    read = ramene(vie, avant), ramene(vie, apres)
    proofs = permis(request.profil.role, Objet.PREUVES) is not None
    entries = montrees(vie, request.profil.role)
    key = ("connu", entries is vie.entries, *read, proofs, empreinte(ACTUEL))
    made = registre().lecteur.rendu(vie, key, lambda: _comparees(vie, entries, *read, preuves=proofs))
    return remplir(
        request,
        "connu.html",
        avant=avant,
        apres=apres,
        ecrit=ecrit,
        exact=exact,
        seconde=instant,
        arrivees=came[::-1][:ARRIVEES],
        corps=made,
        preuves=proofs,
        adresse=_adresse(vie, avant, apres, request.now),
    )


def arrivees(entries: Iterable[Entry]) -> Sequence[Arrivee]:
    """When the ledger learned something of her, oldest first; who looked and what was exported aside."""
    found: list[Arrivee] = []
    last: datetime | None = None
    for at in sorted(entry.recorded_at for entry in entries if entry.fait.flux is not Flux.ACCES):
        if last is None or at - last >= LOT:
            found.append(Arrivee(at, at.replace(microsecond=0) - timedelta(microseconds=1), 0))
        found[-1] = found[-1]._replace(faits=found[-1].faits + 1)
        last = at
    return found


def _moments(request: Requete, came: Sequence[Arrivee]) -> tuple[Moment, Moment]:
    """Both moments of the address; where it writes none, before the last arrival, and now."""
    asked = {name: request.GET.get(name, "") for name in ("connu", "au", "connu_b", "au_b")}
    today = paris_day(request.now)
    second = Moment(instant_de(asked["connu_b"], request.now), jour_de(asked["au_b"]) or today)
    known = instant_de(asked["connu"], request.now)
    if known is None and jour_de(asked["au"]) is None and came:
        known = came[-1].avant
    return Moment(known, jour_de(asked["au"]) or second.au), second


def _adresse(vie: Vie, avant: Moment, apres: Moment, now: datetime) -> str:
    """The address that will give this very comparison again: both moments are written whole."""
    fields = {
        "connu": exact(avant.connu_le or now.astimezone(UTC)),
        "au": avant.au.isoformat(),
        "connu_b": exact(apres.connu_le or now.astimezone(UTC)),
        "au_b": apres.au.isoformat(),
    }
    return f"{reverse('connu', args=[vie.reference])}?{en_requete(fields)}"


def _comparees(vie: Vie, entries: Sequence[Entry], avant: Moment, apres: Moment, *, preuves: bool) -> Markup:
    one, other = lecture_de(vie, avant), lecture_de(vie, apres)
    first = Dite(one, preuve_de(vie, avant).attributions)
    second = Dite(other, preuve_de(vie, apres).attributions)
    context = {
        "vie": vie,
        "ecart": differences(entries, first, second, valeur),
        "limite": CHANGEMENTS,
        "lectures": (one, other),
        "frises": _frises(first, second),
        "etats": list(_etats(one, other)),
        "preuves": preuves,
    }
    return Markup(render_to_string("connu_corps.html", context))  # noqa: S704 - made by an escaping template


def _frises(*read: Dite) -> Sequence[Graphique | None]:
    """Both strips, on one scale of days."""
    drawn = [frise(each.lecture.couverture, pertes(each.attributions)) for each in read]
    days: list[date] = [day for each in drawn if each is not None for day in (each.du, each.au)]
    return [each.model_copy(update={"du": min(days), "au": max(days)}) if each else None for each in drawn]


def _etats(one: Lecture, other: Lecture) -> Iterable[tuple[str, list[tuple[str, str, str]]]]:
    """Each dossier, with what both readings say of it: label, first, second."""
    before, after = ({each.dossier: _dits(each) for each in read.etats} for read in (one, other))
    for dossier in dict.fromkeys([*before, *after]):
        left, right = before.get(dossier, {}), after.get(dossier, {})
        yield (
            dossier or "sans référence",
            [(label, left.get(label, ""), right.get(label, "")) for label in dict.fromkeys([*left, *right])],
        )


def _dits(state: EtatDossier) -> dict[str, str]:
    """What is known of a dossier, in words; zeros and what is not known are left out."""
    said = {}
    for name in type(state).model_fields:
        value = getattr(state, name)
        if value not in (None, "", (), AUCUNE_PIECE) and (value != 0 or value is False) and name != "dossier":
            said[libelle(type(state), name)] = valeur(value)
    return said
