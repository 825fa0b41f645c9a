"""The assistant of exports (W8): what the file would hold and what would spoil it, then the file, kept and recorded.

An export is made once and kept; it is downloaded again, byte for byte, as often as needed.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from app import tribunal_export
from app.cli_common import life_and_incidents
from app.cli_export_tribunal import projet
from app.export_lecture import DEFENSEUR, EXPERT, Demande
from app.export_paquet import faire, remise
from app.export_tribunal import Acte
from app.exports import Remis, conserver, rafraichir, refaire, remis, suite_de
from evidence import archive
from evidence.archive import Membre
from evidence.procedures import Procedure
from evidence.produit import Forme
from evidence.tribunal import Options, Projet
from ledger.days import paris_day
from ledger.errors import ConstatError
from projections.divulgation import Public, affaires, dit
from replay.as_of import Moment
from web.acces import Motif, Objet, Profil, Role, peut_reprendre
from web.gardes import motif_de
from web.limites import require_entiere
from web.pages.commun import remplir
from web.pages.consultations import PUBLICS
from web.qui import acteur
from web.registre import registre
from web.requete import Requete, page

PAQUET = "paquet"
LISTES = 50
"""Exports that the page lists."""
POUR_LE_JUGE = frozenset({Role.USAGER, Role.REPRESENTANT})
"""Who files with a court."""


class ExportForm(forms.Form):
    """What is asked for. Pieces that speak against the person are not offered to be left out."""

    forme = forms.ChoiceField(label="Quel export ?", widget=forms.RadioSelect)
    au = forms.DateField(label="Vu du jour", widget=forms.DateInput(attrs={"type": "date"}), required=False)
    affaire = forms.CharField(
        label="Affaire, telle qu'elle s'écrit en tête de l'inventaire", max_length=200, required=False
    )

    def __init__(self, data: object, profil: Profil) -> None:
        super().__init__(data, initial={"forme": PAQUET})  # type: ignore[arg-type] # a QueryDict or nothing
        offered = [(PAQUET, "Paquet d'expert : archive qui se vérifie sans Constat")]
        if profil.role in POUR_LE_JUGE:
            offered += [(each.value, f"Pour le tribunal : {each.nom_fr}") for each in Procedure]
        self.fields["forme"] = forms.ChoiceField(label="Quel export ?", widget=forms.RadioSelect, choices=offered)


@page(Objet.EXPORT, formulaire=True)
def assistant(request: Requete, sujet: str) -> HttpResponse:
    """Choose, see what it would hold and lack, then make it; what leaves is of a whole life."""
    require_entiere(request.vie)
    form = ExportForm(request.POST or None, request.profil)
    seen: Projet | None = None
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        au = asked["au"] or paris_day(request.now)
        try:
            if asked["forme"] == PAQUET:
                return _fait(request, sujet, _paquet(request, au))
            options = Options(
                procedure=Procedure(asked["forme"]),
                moment=Moment(None, au),
                affaire=asked["affaire"] or None,
                ecartees=tuple(request.POST.getlist("sans")),
            )
            seen = projet(registre().opened, request.vie.personne, options, rapport=True)
            if request.POST.get("etape") == "faire":
                return _fait(request, sujet, _tribunal(request, options, seen))
        except ConstatError as error:
            form.add_error(None, str(error))
    told, withheld = _dits(request)
    entries = life_and_incidents(registre().opened, request.vie.personne)
    shown = [
        (each, suite_de(entries, each.event), peut_reprendre(request.profil, each.event)) for each in told[:LISTES]
    ]
    return remplir(request, "export.html", form=form, projet=seen, exports=shown, tus=withheld)


def _dits(request: Requete) -> tuple[list[Remis], int]:
    """The exports that this account may be told of, the latest first, and how many others there are."""
    known, every = affaires(request.vie.entries), remis(request.vie.entries)
    public, service = PUBLICS.get(request.profil.role, Public.PERSONNE), request.profil.service
    told = [each for each in reversed(every) if dit(each.entry, public, known, request.now, service)]
    return told, len(every) - len(told)


def _fait(request: Requete, sujet: str, export: UUID) -> HttpResponse:
    messages.success(request, "L'export est fait, gardé et inscrit au registre : vous pouvez le télécharger.")
    return HttpResponseRedirect(f"{reverse('export', args=[sujet])}#e-{export}", status=303)


def _paquet(request: Requete, au: date) -> UUID:
    served, vie, profil = registre(), request.vie, request.profil
    tiers = profil.role is Role.DDD
    demande = Demande(id=uuid4(), personne=vie.personne, profil=DEFENSEUR if tiers else EXPERT, au=au, tiers=tiers)
    rafraichir(served.settings, served.opened)
    made, motif = faire(served.settings, served.opened, demande, request.now), _motif(request)
    told = remise(
        made.lu, motif.fondement, destinataire=profil.service, reference=motif.reference,
        acteur=acteur(profil, vie.personne),
    )  # fmt: skip
    conserver(served.opened, vie.personne, made.produit, told, request.now)
    return demande.id


def _tribunal(request: Requete, options: Options, seen: Projet) -> UUID:
    """The folder is made to be checked as the court would, kept, and given back when it is downloaded."""
    served, personne = registre(), request.vie.personne
    act = Acte(
        served.settings, served.opened, personne, options,
        fondement=_motif(request).fondement, acteur=acteur(request.profil, personne),
    )  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="constat-tribunal-") as folder:
        tribunal_export.exporter(
            served.opened,
            personne,
            seen,
            Path(folder) / "depot",
            rapport=act.rapport if seen.rapport else None,
            avant_publication=act.inscrire,
        )
    return act.id


def _motif(request: Requete) -> Motif:
    """By which right the dossier was opened, and so by which one it leaves."""
    motif = motif_de(request, Objet.EXPORT, request.vie)
    if motif is None:
        raise Http404
    return motif


@page(Objet.EXPORT)
def telecharger(request: Requete, sujet: str, export: str) -> HttpResponseBase:
    """An export again, byte for byte; a folder comes as an archive."""
    del sujet
    require_entiere(request.vie)
    told, _ = _dits(request)
    if not any(each.event.export == export and peut_reprendre(request.profil, each.event) for each in told):
        raise Http404
    with _dossier() as folder:
        try:
            made = refaire(registre().opened, request.vie.personne, export, folder / "export")
        except ConstatError as error:
            raise Http404 from error
        path = folder / "export"
        name = f"{export[:8]}-{made.nom}"
        if made.forme is Forme.DOSSIER:
            path = _en_archive(path, made.nom)
        if made.forme is not Forme.FICHIER:
            name = f"{name}.zip"
        answer = FileResponse(path.open("rb"), as_attachment=True, filename=name)
    answer.headers["Content-Security-Policy"] = "sandbox"
    return answer


def _en_archive(folder: Path, name: str) -> Path:
    """The folder as an archive of one form: the same folder, the same bytes."""
    path = folder.with_suffix(".zip")
    files = sorted((each for each in folder.rglob("*") if each.is_file()), key=os.fsencode)
    members = [Membre(each.relative_to(folder).as_posix(), each.stat().st_size, [each.read_bytes()]) for each in files]
    with path.open("w+b") as file:
        archive.ecrire(file, name, members)
    return path


@contextmanager
def _dossier() -> Iterator[Path]:
    """A folder for the time of the block; a file of it that is still open is read to its end."""
    with tempfile.TemporaryDirectory(prefix="constat-export-") as name:
        yield Path(name)
