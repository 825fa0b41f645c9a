"""The commands of the bundle: made, made again, listed with what became of its conclusion; the key that signs it."""

from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final
from uuid import uuid4

import click

from app import affichage
from app.cli_common import life_and_incidents, print_json, with_json, with_known_on, with_person, with_true_on
from app.cli_receipt import read_bounded
from app.export_lecture import DEFENSEUR, EXPERT, Demande
from app.export_paquet import Fait, faire, remise
from app.exports import Remis, cles_exports, rafraichir, refaire, remettre, remis, suite_de
from app.open import open_ledger
from app.options import Choice, Existing, Place, Reference, Words
from app.settings import Settings
from console import usage
from evidence.conclusion import Suite
from evidence.contenus import Citee
from evidence.mots import dire
from evidence.verificateurs.ancres import Ancres
from evidence.verificateurs.assemblage import pyz
from evidence.verificateurs.assemblage_page import page
from evidence.verificateurs.pyz.textes import IllisibleError
from ledger.days import paris_day
from ledger.errors import ConstatError
from ledger.events.listes import FondementAcces
from ledger.francais import jour
from ledger.seal import files
from projections.francais import compte

RECIPIENT: Final = 500
"""Signs that a category of addressee may have (``ledger.events.base.Court``)."""
REFERENCE: Final = 200
"""Signs that a reference may have (``ledger.events.base.Ref``)."""

with_ground = click.option(
    "--ground",
    type=Choice([each.value for each in FondementAcces]),
    default=FondementAcces.JURIDICTION.value,
    show_default=True,
    help="The legal ground on which it leaves.",
)
with_recipient = click.option("--recipient", type=Words(RECIPIENT), help="To what kind of addressee it is given.")
with_reference = click.option("--reference", type=Words(REFERENCE), help="What founds the access, as a case number.")


@click.command("bundle", cls=usage.Command)
@with_person
@click.option("--output", required=True, type=Place(dir_okay=False), help="The archive to make.")
@click.option("--profile", type=Choice([EXPERT, DEFENSEUR]), default=EXPERT, show_default=True, help="For whom.")
@click.option("--withhold", multiple=True, type=Reference(), help="Id of a fact whose content stays closed.")
@click.option("--open-third-parties", is_flag=True, help="Open what names other people too (as for the defenseur).")
@with_ground
@with_recipient
@with_reference
@with_known_on
@with_true_on
@with_json
@click.pass_obj
def bundle_command(
    settings: Settings,
    person: str,
    output: Path,
    *,
    profile: str,
    withhold: tuple[str, ...],
    ground: str,
    recipient: str | None,
    reference: str | None,
    known_on: datetime | None,
    true_on: date | None,
    open_third_parties: bool,
    as_json: bool,
) -> None:
    """All that is proven of PERSON, in one archive that verifies without us: BagIt, proofs, documents, verifiers.

    The export is recorded in the ledger, with its digest, and can be made again to the byte (`constat export again`).
    """
    asked = uuid4()
    third = open_third_parties or profile == DEFENSEUR
    demande = Demande(
        id=asked,
        personne=person,
        profil=profile,
        au=true_on or paris_day(datetime.now(UTC)),
        connu_le=known_on,
        gardees=frozenset(withhold),
        tiers=third,
    )
    with open_ledger(settings) as opened:
        rafraichir(settings, opened)
        now = datetime.now(UTC)
        made = faire(settings, opened, demande, now)
        told = remise(made.lu, FondementAcces(ground), destinataire=recipient, reference=reference)
        remettre(opened, person, made.produit, told, output, now)
    if as_json:
        print_json(_json(made, output, str(asked)))
    else:
        _tell(made, output, str(asked))


def _absentes(made: Fait) -> list[Citee]:
    return [each for each in made.lu.pieces if each.fichier is None]


def _json(made: Fait, output: Path, export: str) -> dict[str, object]:
    return {
        "fichier": output.name,
        "export": export,
        "empreinte": made.produit.empreinte,
        "point": made.lu.journal.tete.taille,
        "faits": len(made.lu.entries),
        "parties_retenues": len(made.lu.retenues),
        "pieces": len(made.produit.documents),
        "pieces_absentes": [{"nom": each.piece.nom, "motif": each.motif} for each in _absentes(made)],
    }


def _tell(made: Fait, output: Path, export: str) -> None:
    affichage.ecrire(f"{output} : export {export}", "bold green")
    size = compte(made.lu.journal.tete.taille, "ligne")
    affichage.ecrire(f"  empreinte {made.produit.empreinte}, sous le point de contrôle de {size}")
    pieces = compte(len(made.produit.documents), "pièce")
    affichage.ecrire(
        f"  {compte(len(made.lu.entries), 'fait')}, {pieces}, {compte(len(made.lu.retenues), 'partie retenue')}"
    )
    for each in _absentes(made):
        affichage.ecrire(f"  pièce absente : {each.piece.nom} ({each.motif})", "yellow")


@click.command("again", cls=usage.Command)
@with_person
@click.argument("export", type=Reference())
@click.option("--output", required=True, type=Place(), help="The archive, folder or file to make.")
@click.pass_obj
def again_command(settings: Settings, person: str, export: str, output: Path) -> None:
    """EXPORT of PERSON (its id, or how it begins: `constat export list`) once more, the same bytes as handed over."""
    with open_ledger(settings) as opened:
        made = refaire(opened, person, export, output)
    affichage.ecrire(f"{output} : le même export, empreinte {made.empreinte}", "bold green")


@click.command("list", cls=usage.Command)
@with_person
@with_json
@click.pass_obj
def list_command(settings: Settings, person: str, *, as_json: bool) -> None:
    """What was handed over of PERSON: to whom, by which right, and whether a later fact changed what it concluded."""
    with open_ledger(settings) as opened:
        entries = life_and_incidents(opened, person)
    told = [(each, suite_de(entries, each.event)) for each in remis(entries)]
    if as_json:
        print_json([_said(*each) for each in told])
        return
    affichage.titre(f"Exports de {person}")
    if not told:
        affichage.ecrire("rien n'est sorti du registre")
    for each, since in told:
        _export(each, since)


def _said(each: Remis, since: Suite | None) -> dict[str, object]:
    event = each.event
    changed = since.change if since else None
    return {
        "export": event.export,
        "le": each.entry.recorded_at,
        "nature": event.nature,
        "profil": event.profil,
        "fondement": event.fondement,
        "destinataire": event.destinataire,
        "reference": event.reference,
        "empreinte": event.sha256,
        "point": event.position_journal,
        "conclusion_refaite": since.refaite if since else None,
        "faits_depuis": since.depuis if since else None,
        "change_par": changed.fait.id if changed else None,
        "change_le": changed.recorded_at if changed else None,
    }


def _export(each: Remis, since: Suite | None) -> None:
    event = each.event
    day = jour(paris_day(each.entry.recorded_at))
    to = event.destinataire or "destinataire non dit"
    affichage.ecrire()
    affichage.ecrire(f"{day} : {dire(event.nature)} ({event.profil or 'sans profil'}), {to}", "bold")
    affichage.ecrire(
        f"  export {event.export or 'non gardé'}, titre : {dire(event.fondement)}, empreinte {event.sha256}"
    )
    if since is None:
        return
    if since.refaite is None:
        affichage.ecrire("  les règles suivies alors ne sont plus dans ce programme : conclusion non refaite", "yellow")
    elif not since.refaite:
        affichage.ecrire("  refaite avec ce qui était connu alors, la conclusion n'est pas la même", "bold red")
    if since.change is not None:
        when = jour(paris_day(since.change.recorded_at))
        fait = since.change.fait
        affichage.ecrire(
            f"  sa conclusion a changé : {fait.evenement.nom} ({fait.id}), enregistré le {when}", "bold yellow"
        )
    elif since.refaite is not None:
        affichage.ecrire(f"  conclusion inchangée ({compte(since.depuis, 'fait')} depuis)", "green")


@click.command("key", cls=usage.Command)
@click.pass_obj
def key_command(settings: Settings) -> None:
    """Print the public keys that sign exports, as `log` lines of a policy take them."""
    with open_ledger(settings) as opened:
        keys = cles_exports(settings, opened.ledger.origin)
    for verifier in keys.verifiers:
        click.echo(verifier.vkey)


@click.command("verifier", cls=usage.Command)
@click.option("--output", required=True, type=Place(file_okay=False, path_type=Path), help="Folder to write them into.")
@click.option("--policy", type=Existing(dir_okay=False, path_type=Path), help="Whom to believe (C2SP tlog-policy).")
@click.option("--roots", type=Existing(dir_okay=False, path_type=Path), help="Authorities of time-stamps (PEM).")
@click.option("--qualified", type=Existing(dir_okay=False, path_type=Path), help="Of these, qualified ones (PEM).")
def verifier_command(output: Path, policy: Path | None, roots: Path | None, qualified: Path | None) -> None:
    """The two verifiers, to publish elsewhere than with the bundles: they believe what is given to them here.

    Their digests are those to publish beside them. Needs no ledger.
    """
    try:
        given = [_read(each) for each in (policy, roots, qualified)]
        believed = Ancres(*given) if any(given) else None
        made = {"verifier.pyz": pyz(believed), "verifier.html": page(believed)}
    except (IllisibleError, UnicodeDecodeError) as error:
        msg = "la politique ou les certificats ne se lisent pas : donnez une politique C2SP et des certificats PEM"
        raise ConstatError(msg) from error
    for name, content in made.items():
        files.replace(output / name, content)
        affichage.ecrire(f"{sha256(content).hexdigest()}  {name}")


def _read(path: Path | None) -> str:
    """The text of a file that may not be given.

    :raises ConstatError: it is empty: what is believed would then be nothing, without a word.
    """
    text = read_bounded(path).decode() if path else ""
    if path and not text.strip():
        msg = f"« {path.name} » est vide : donnez une politique C2SP ou des certificats PEM, ou ôtez l'option"
        raise ConstatError(msg)
    return text


COMMANDES: Final = (bundle_command, again_command, list_command, key_command, verifier_command)
