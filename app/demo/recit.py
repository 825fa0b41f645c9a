"""Tell the demonstration: import, one table, one life in full, one late fact, one verification."""

from datetime import date
from pathlib import Path
from typing import Final

import msgspec

from app import affichage
from app.affichage import ecrire, titre
from app.open import Opened
from commands.importer import import_file
from ledger.follower import Follower
from ledger.francais import jour
from ledger.interchange import read_line
from ledger.seal.census import take_census
from ledger.seal.checkpoint import Checkpoint
from ledger.seal.sealer import Sealer
from projections.francais import compte
from projections.historique import historique
from projections.toutes import PROJECTIONS
from replay.as_of import Moment, ecart, lecture
from replay.verify import Trust, verify

HERE: Final = Path(__file__).parent
SAYED: Final = "C04"
LATE: Final = "C01"


class Dossier(msgspec.Struct, frozen=True):
    """One sample: whose it is, what it shows, and the day from which it is looked at."""

    id: str
    personne: str
    titre: str
    observe_le: date


def run(opened: Opened, sealer: Sealer) -> bool:
    """Play the demonstration; returns whether the ledger is intact."""
    ecrire("Constat : registre immuable des dossiers de titre de séjour. Les personnes sont fictives.", "bold")
    samples = msgspec.json.decode((HERE / "dossiers.json").read_bytes(), type=list[Dossier])
    titre("1. Enregistrer : les cas d'école et les décisions réelles, fait par fait")
    for name in ("cas.jsonl", "decisions.jsonl"):
        affichage.bilan_import(HERE / name, import_file(opened.ledger, opened.keys, HERE / name))
    opened.ledger.sequence()
    for projection in PROJECTIONS.values():
        with Follower(opened.ledger, projection) as follower:
            follower.catch_up()
    titre("2. Les interruptions, recalculées à partir des seuls faits")
    _table(opened, samples)
    sayed = next(each for each in samples if each.id == SAYED)
    titre(f"3. Une vie entière : {sayed.personne} ({sayed.titre})")
    _life(opened, sayed)
    titre("4. Un fait arrive en retard : ce qu'on croyait, ce qu'on sait")
    _late(opened, next(each for each in samples if each.id == LATE))
    titre("5. Sceau et intégrité")
    _seal(sealer)
    report = verify(opened.ledger, trust=Trust(sealer.keys.verifiers))
    affichage.rapport(report)
    titre("Où regarder ensuite")
    for command in (
        f"constat --demo history {sayed.personne}",
        f"constat --demo coverage {sayed.personne} --true-on {sayed.observe_le}",
        f"constat --demo evidence {sayed.personne} --true-on {sayed.observe_le}",
        "constat --demo verify",
        f"constat --demo seal prove {sayed.personne} --entry {opened.ledger.life(sayed.personne)[0].fait.id}",
        "constat schema > interchange.schema.json",
    ):
        ecrire(f"  .venv/bin/{command}")
    return report.intact


def _seal(sealer: Sealer) -> None:
    """Seal everything, count every stream, seal the count."""
    sealer.watch_guards()
    sealer.seal()
    streams = take_census(sealer)
    note = sealer.seal()
    sealer.close()
    ecrire(f"{compte(streams, 'flux recensé')} ; point de contrôle signé :")
    if note is not None:
        affichage.point(Checkpoint.parse(note.text))


def _table(opened: Opened, samples: list[Dossier]) -> None:
    late = {read_line(line).id for line in (HERE / "tardif.jsonl").read_bytes().splitlines()}
    for sample in samples:
        # Played a second time, the ledger knows the late fact already: the table is told without it, as the first time.
        entries = [entry for entry in opened.ledger.life(sample.personne) if entry.fait.id not in late]
        cover = lecture(entries, Moment(None, sample.observe_le)).couverture
        gaps = [
            f"interruption {gap.du} → {gap.au} : {compte(gap.jours, 'jour')}" + ("" if gap.certaine else " (incertain)")
            for gap in cover.interruptions
        ]
        ended = [f"fin de droit par décision à partir du {gap.du}" for gap in cover.fins_de_droit]
        lost = [f"effet chez un tiers : {each.libelle}, {each.du} → {each.au or '…'}" for each in cover.effets]
        ecrire(f"{sample.id}  {sample.titre} (vu le {jour(sample.observe_le)})", "bold")
        nothing = "aucune interruption" if cover.premier_jour else "aucun document connu : pas de couverture à calculer"
        for line in [*gaps, *ended, *lost] or [nothing]:
            ecrire(f"       {line}")


def _life(opened: Opened, sample: Dossier) -> None:
    entries = opened.ledger.life(sample.personne)
    read = lecture(entries, Moment(None, sample.observe_le))
    affichage.etats(sample.personne, read.etats)
    titre(f"Historique : {compte(len(entries), 'entrée')}")
    affichage.resume(historique(entries))
    affichage.couverture(sample.personne, read)


def _late(opened: Opened, sample: Dossier) -> None:
    import_file(opened.ledger, opened.keys, HERE / "tardif.jsonl")
    entries = opened.ledger.life(sample.personne)
    late = max(entries, key=lambda entry: entry.recorded_at)
    known = max(entry.recorded_at for entry in entries if entry.recorded_at < late.recorded_at)
    gap = ecart(entries, Moment(known, sample.observe_le), Moment(None, sample.observe_le))
    affichage.ecart(sample.personne, gap)
    ecrire(
        f"Les deux réponses restent : {compte(gap.avant.entrees, 'entrée')} avant,"
        f" {compte(len(entries), 'entrée')} maintenant,"
        f" au {jour(sample.observe_le)}.",
        "dim",
    )
