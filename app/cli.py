"""The command line ``constat``: help in English, answers in French, ``--json`` on all that reads.

Exit codes: 0 done; 1 refused or unreadable (what was refused is said, nothing else was written); 2 wrong usage;
3 the dossier changed meanwhile; 4 the ledger is not intact, or a rebuilt projection differed; 5 no server, no keys or
no access; 130 interrupted (an import goes on where it stopped when it is run again).
"""

import errno
import io
import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, NoReturn

import click
import psycopg
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app import affichage, affichage_preuve, affichage_regles, affichage_transversal, demo, logs, transversal, usage
from app.open import Opened, open_ledger
from app.options import Choice, Day, Existing, Instant, Reference, Whole
from app.settings import Settings, SettingsError
from commands.ask import ask
from commands.base import Refused
from commands.importer import Progress as ImportProgress
from commands.importer import import_file
from commands.record import record as record_line
from ledger.days import paris_day
from ledger.entry import Entry
from ledger.errors import (
    ConflictError,
    ConstatError,
    DatabaseUnfitError,
    KeyDestroyedError,
    KeyFileError,
    UnreadableError,
)
from ledger.follower import Follower, follow
from ledger.interchange import MAX_LINE_BYTES, json_schema, read_line
from ledger.retained import holding, known
from projections import francais
from projections.historique import historique
from projections.imputation.blocage import releve
from projections.imputation.prevision import HORIZON, previsions
from projections.priorites import LIMITE
from projections.statistiques import MINIMUM, PLANCHER, Par
from projections.toutes import PROJECTIONS
from replay.as_of import Moment, ecart, lecture, plain
from replay.deux_jeux import ecart_regles
from replay.ensemble import preuves
from replay.passe import avec_le_passe
from replay.preuve import Preuve, preuve
from replay.rebuild import rebuild as rebuild_projection
from replay.schemas import DUES, NOMS, schema
from replay.verify import Report
from replay.verify import verify as verify_ledger
from replay.vie import touchants, vie
from replay.what_if import what_if
from rules.base import Source, Verification, quantieme
from rules.catalogue import REGLES, Regle, empreinte, jeux_nommes, regle
from rules.jeux import ACTUEL, JEUX, Jeu

REFUSED: Final = 1
USAGE: Final = 2
CONFLICT: Final = 3
NOT_INTACT: Final = 4
UNAVAILABLE: Final = 5

_INTERCHANGE: Final = "interchange"

CAUSES: Final = {
    errno.EACCES: "accès refusé",
    errno.EISDIR: "c'est un dossier, un fichier est attendu",
    errno.ENAMETOOLONG: "nom trop long",
    errno.ENOENT: "introuvable",
    errno.ENOSPC: "plus de place",
    errno.ENOTDIR: "ce n'est pas un dossier",
    errno.EROFS: "le support est en lecture seule",
}


@click.group(
    cls=usage.Group,
    invoke_without_command=True,
    subcommand_metavar="COMMAND [ARGS]...",
    epilog="Exit codes: 0 done, 1 refused or unreadable, 2 wrong usage, 3 changed meanwhile, 4 ledger not intact,"
    " 5 no server, keys or access, 130 interrupted.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.option("--demo", "use_demo", is_flag=True, help="Use the ledger of the sample dossiers, made by `constat demo`.")
@click.option("--verbose", is_flag=True, help="Log what is done, as JSON lines on standard error.")
@click.version_option(package_name="constat")
@click.pass_context
def cli(ctx: click.Context, *, use_demo: bool, verbose: bool) -> None:
    """Event-sourced ledger of French residence-permit dossiers (titres de séjour).

    Every act and every failure is kept as an immutable fact; state, history and rights are rebuilt from the facts.
    """
    usage.require_command(ctx)
    logs.configure(verbose=verbose)
    ctx.obj = Settings.read(os.environ, demo=use_demo)


_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of French text.")
_known_on = click.option("--known-on", type=Instant(), help="Only what the ledger had recorded by this instant or day.")
_true_on = click.option(
    "--true-on", type=Day(), help="Only what had happened by this civil day (default: today in Paris)."
)
_person = click.argument("person", type=Reference())


@cli.command("demo")
def demo_command() -> None:
    """Record the sample dossiers in a ledger of their own and show what it says of them."""
    with _opened(Settings.read(os.environ, demo=True)) as opened:
        if not demo.run(opened):
            sys.exit(NOT_INTACT)


@cli.command("import")
@click.argument("file", type=Existing(dir_okay=False, path_type=Path))
@click.option(
    "--documents",
    type=Existing(file_okay=False, path_type=Path),
    help="Folder of documents, each named by the SHA-256 of its content (any ending).",
)
@click.option("--dry-run", is_flag=True, help="Read and check every line; write nothing.")
@_json
@click.pass_obj
def import_command(settings: Settings, file: Path, documents: Path | None, *, dry_run: bool, as_json: bool) -> None:
    """Import FILE, one fact per line, in its order. Importing twice adds nothing; after a kill, run it again.

    Lines that cannot be read are written to FILE.rejets.jsonl with their line number, field and what was expected.
    """
    with _opened(settings) as opened, _bar(file.stat().st_size, "octets", quiet=as_json) as bar:

        def moved(progress: ImportProgress) -> None:
            bar.update(bar.task_ids[0], completed=progress.offset)

        outcome = import_file(
            opened.ledger,
            opened.keys,
            file,
            documents=(documents, opened.documents) if documents else None,
            dry_run=dry_run,
            on_progress=moved,
        )
    if as_json:
        _print_json(
            {
                "fichier": file.name,
                "lignes": outcome.progress.lines,
                "enregistres": outcome.progress.recorded,
                "deja_la": outcome.progress.repeated,
                "rejetes": outcome.progress.rejected,
                "repris_a_la_ligne": outcome.resumed_at,
                "documents_gardes": outcome.documents_stored,
                "documents_attendus": outcome.documents_missing,
                "rejets": str(outcome.rejects_file) if outcome.rejects_file else None,
                "essai": outcome.dry_run,
            }
        )
    else:
        affichage.bilan_import(file, outcome)
    if outcome.progress.rejected:
        sys.exit(REFUSED)


@cli.command("record")
@click.argument("fact", default="-")
@_json
@click.pass_obj
def record_command(settings: Settings, fact: str, *, as_json: bool) -> None:
    """Record one FACT that another system reports (a JSON line, or - for standard input), legal or not."""
    with _opened(settings) as opened:
        entries = record_line(opened.ledger, _argument(fact))
        opened.ledger.sequence()
    _written(entries, as_json=as_json)


@cli.command("ask")
@click.argument("act", default="-")
@_json
@click.pass_obj
def ask_command(settings: Settings, act: str, *, as_json: bool) -> None:
    """Ask for one ACT (a JSON line, or -): refused with all its reasons, or recorded with its warnings."""
    with _opened(settings) as opened:
        entries = ask(opened.ledger, _argument(act), datetime.now(UTC))
        opened.ledger.sequence()
    _written(entries, as_json=as_json)


@cli.command("history")
@_person
@_known_on
@_json
@click.pass_obj
def history_command(settings: Settings, person: str, known_on: datetime | None, *, as_json: bool) -> None:
    """The complete history of PERSON: every entry, both times, source, grade, corrections in place.

    With the incidents declared for all that reached PERSON, which have no number of their own there.
    """
    with _opened(settings) as opened:
        lines = historique(touchants(known(_vie(opened, person), known_on)))
    if as_json:
        _print_json(lines)
    else:
        affichage.historique(person, lines)


@cli.command("state")
@_person
@_known_on
@_true_on
@_json
@click.pass_obj
def state_command(
    settings: Settings, person: str, known_on: datetime | None, true_on: date | None, *, as_json: bool
) -> None:
    """The state of each dossier of PERSON."""
    with _opened(settings) as opened:
        read = lecture(_life(opened, person), _moment(known_on, true_on))
    if as_json:
        _print_json(read.etats)
    else:
        affichage.etats(person, read.etats)


@cli.command("coverage")
@_person
@_known_on
@_true_on
@_json
@click.pass_obj
def coverage_command(
    settings: Settings, person: str, known_on: datetime | None, true_on: date | None, *, as_json: bool
) -> None:
    """The rights of PERSON day by day: right, proof and effect, never merged, with every gap."""
    with _opened(settings) as opened:
        read = lecture(_life(opened, person), _moment(known_on, true_on))
    if as_json:
        _print_json(read.couverture)
    else:
        affichage.couverture(person, read)


_rules_pinned = click.option(
    "--rules", type=Reference(), help="Digest, or its beginning, of the set of rules to follow (see `constat rules`)."
)


@cli.command("duties")
@_person
@_known_on
@_true_on
@_rules_pinned
@_json
@click.pass_obj
def duties_command(
    settings: Settings,
    person: str,
    known_on: datetime | None,
    true_on: date | None,
    rules: str | None,
    *,
    as_json: bool,
) -> None:
    """Who owed what to PERSON's dossiers, and PERSON too: from when, until when, done by which fact or not done."""
    found = _preuve(settings, person, _moment(known_on, true_on), rules)
    if as_json:
        _print_json({name: getattr(found, name) for name in DUES})
    else:
        affichage_preuve.obligations(person, found)


@cli.command("evidence")
@click.argument("person", type=Reference(), required=False)
@click.option("--all", "everybody", is_flag=True, help="Everybody, one JSON line a person, as a stream.")
@click.option("--workers", type=Whole(0, 256), help="With --all: how many processes (default: one a processor).")
@click.option("--as-of", "--known-on", "known_on", type=Instant(), help="Only what had been recorded by then.")
@_true_on
@_rules_pinned
@click.option("--against-rules", type=Reference(), help="A second set of rules: show what changes between the two.")
@click.option("--without-past", is_flag=True, help="Do not replay what was believed before: faster on a long life.")
@_json
@click.pass_obj
def evidence_command(
    settings: Settings,
    person: str | None,
    workers: int | None,
    known_on: datetime | None,
    true_on: date | None,
    rules: str | None,
    against_rules: str | None,
    *,
    without_past: bool,
    everybody: bool,
    as_json: bool,
) -> None:
    """Every day PERSON lost: to whom it is due, what shows it, what speaks against it, what was believed before.

    With --all, the evidence of everybody as known when the command begins, without what was believed before, in an
    order that says nothing of them.
    """
    alone = against_rules is not None or without_past
    if everybody == (person is not None) or (everybody and alone) or (workers is not None and not everybody):
        msg = (
            "donnez une personne, ou --all pour toutes ; --workers va avec --all, les autres options avec une personne"
        )
        raise click.UsageError(msg)
    moment = _moment(known_on, true_on)
    if person is None:
        _everybody(settings, Moment(known_on or datetime.now(UTC), moment.au), _jeu(rules), workers)
        return
    if against_rules is not None:
        before, after = _jeu(rules), _jeu(against_rules)
        with _opened(settings) as opened:
            gap = ecart_regles(_vie(opened, person), moment, before, after)
        if as_json:
            _print_json(gap)
        else:
            affichage_regles.ecart(person, gap)
        return
    found = _preuve(settings, person, moment, rules, past=not without_past)
    if as_json:
        _print_json(found)
    else:
        affichage_preuve.preuve(person, found)


_prefecture = click.option("--prefecture", type=Reference(), help="Only the dossiers of this préfecture.")
_limit = click.option(
    "--limit", type=Whole(1, 100_000), default=LIMITE, show_default=True, help="How many lines at most."
)


@cli.command("forecast")
@click.argument("person", type=Reference(), required=False)
@click.option("--days", type=Whole(1, 3_660), default=HORIZON, show_default=True, help="How many days to look ahead.")
@_prefecture
@_limit
@_known_on
@_true_on
@_json
@click.pass_obj
def forecast_command(
    settings: Settings,
    person: str | None,
    days: int,
    prefecture: str | None,
    limit: int,
    known_on: datetime | None,
    true_on: date | None,
    *,
    as_json: bool,
) -> None:
    """The days PERSON will lose if nothing happens, and the single acts that prevent it, each with whose duty it is.

    Without PERSON, the agents' queue: everybody, ordered by harm, each place explained.
    """
    moment = _moment(known_on, true_on)
    if person is None:
        if known_on is not None:
            msg = "--known-on demande une personne : la file est celle de ce que le registre sait maintenant"
            raise click.UsageError(msg)
        with _opened(settings) as opened:
            queue = transversal.file(opened, moment.au, days, prefecture, limit)
        if as_json:
            _print_json(queue)
        else:
            affichage_transversal.priorites(moment.au, days, queue)
        return
    with _opened(settings) as opened:
        held = holding(_vie(opened, person), at=moment.connu_le, on=moment.au)
    found = previsions(held, moment.au, days)
    if as_json:
        _print_json(found)
    else:
        affichage_preuve.previsions(person, moment.au, days, found)


@cli.command("incidents")
@click.argument("reference", type=Reference(), required=False)
@click.option("--person", type=Reference(), help="The statement of blockage of one person.")
@_limit
@_known_on
@_true_on
@_json
@click.pass_obj
def incidents_command(
    settings: Settings,
    reference: str | None,
    person: str | None,
    limit: int,
    known_on: datetime | None,
    true_on: date | None,
    *,
    as_json: bool,
) -> None:
    """The incidents and how much each hit; with REFERENCE, what that one hit, and whom.

    With --person, the statement of blockage that the substitution channel asks for.
    """
    moment = _moment(known_on, true_on)
    if (person is None and known_on is not None) or (person is not None and reference is not None):
        msg = "--known-on va avec --person, et --person exclut une référence d'incident"
        raise click.UsageError(msg)
    with _opened(settings) as opened:
        if person is not None:
            held = holding(_vie(opened, person), at=moment.connu_le, on=moment.au)
            statement = releve(held, moment.au)
            if as_json:
                _print_json(statement)
            else:
                affichage_transversal.releve(person, statement, held)
            return
        if reference is not None:
            hits = transversal.touches(opened, reference, moment.au)
            if as_json:
                _print_json(hits)
            else:
                affichage_transversal.atteintes(reference, hits)
            return
        found = transversal.liste(opened, moment.au, limit)
    if as_json:
        _print_json(found)
    else:
        affichage_transversal.incidents(moment.au, found)


@cli.command("stats")
@click.option("--by", type=Choice([each.value for each in Par]), default=Par.ENSEMBLE.value, show_default=True)
@click.option("--from", "since", type=Day(), help="First day counted (default: one year before the last one).")
@click.option("--to", "until", type=Day(), help="Last day counted, and from which all is seen (default: today).")
@_prefecture
@click.option(
    "--min-cell",
    type=Whole(PLANCHER, 1_000_000),
    default=MINIMUM,
    show_default=True,
    help="Fewer persons than this in a cell, and it is masked.",
)
@_json
@click.pass_obj
def stats_command(
    settings: Settings,
    by: str,
    since: date | None,
    until: date | None,
    prefecture: str | None,
    min_cell: int,
    *,
    as_json: bool,
) -> None:
    """What the Défenseur des droits counts across dossiers: each figure with its denominator, small cells masked."""
    last = until or paris_day(datetime.now(UTC))
    first = since or quantieme(last, -12)
    if first > last:
        msg = f"--from ({first}) est après --to ({last})"
        raise click.UsageError(msg)
    with _opened(settings) as opened:
        found = transversal.chiffres(opened, first, last, Par(by), prefecture, min_cell)
    if as_json:
        _print_json(found)
    else:
        affichage_transversal.statistiques(found)


@cli.command("what-if")
@_person
@click.option(
    "--without", multiple=True, type=Reference(), help="Id of a fact to leave out; may be given several times."
)
@click.option("--with", "supposed", multiple=True, type=Reference(), help="A fact to suppose, as an interchange line.")
@_known_on
@_true_on
@_json
@click.pass_obj
def what_if_command(
    settings: Settings,
    person: str,
    without: tuple[str, ...],
    supposed: tuple[str, ...],
    known_on: datetime | None,
    true_on: date | None,
    *,
    as_json: bool,
) -> None:
    """The evidence of PERSON had some facts not happened, or others: nothing is recorded."""
    facts = [read_line(os.fsencode(each)) for each in supposed]
    with _opened(settings) as opened:
        found = what_if(_vie(opened, person), _moment(known_on, true_on), without, facts)
    if as_json:
        _print_json(found)
    else:
        affichage_preuve.hypothese(person, found)


@cli.command("as-of")
@_person
@_known_on
@_true_on
@click.option("--against", type=Instant(), help="A second instant or day: show what changed between the two.")
@_json
@click.pass_obj
def as_of_command(
    settings: Settings,
    person: str,
    known_on: datetime | None,
    true_on: date | None,
    against: datetime | None,
    *,
    as_json: bool,
) -> None:
    """State and coverage of PERSON as known on an instant and as true on a day; with --against, the difference."""
    with _opened(settings) as opened:
        entries = _life(opened, person)
    here = _moment(known_on, true_on)
    if against is None:
        read = lecture(entries, here)
        if as_json:
            _print_json(read)
        else:
            affichage.lecture(person, read)
        return
    gap = ecart(entries, here, Moment(against, here.au))
    if as_json:
        _print_json(gap)
    else:
        affichage.ecart(person, gap)


@cli.command("verify")
@_json
@click.pass_obj
def verify_command(settings: Settings, *, as_json: bool) -> None:
    """Walk every chain and name every entry that is wrong."""
    with _opened(settings) as opened:
        opened.ledger.sequence()
        report = _verify(opened, quiet=as_json)
    if as_json:
        _print_json({**plain(report), "intact": report.intact})
    else:
        affichage.rapport(report)
    if not report.intact:
        sys.exit(NOT_INTACT)


@cli.command("rebuild")
@click.argument("projection", type=Choice([*PROJECTIONS, "all"]), default="all")
@click.option("--check", "check_only", is_flag=True, help="Compare only: leave the live tables in place.")
@_json
@click.pass_obj
def rebuild_command(settings: Settings, projection: str, *, check_only: bool, as_json: bool) -> None:
    """Rebuild PROJECTION from zero beside the live one, compare every row, change places."""
    names = list(PROJECTIONS) if projection == "all" else [projection]
    with _opened(settings) as opened:
        results = [rebuild_projection(opened.ledger, PROJECTIONS[name], check_only=check_only) for name in names]
    if as_json:
        _print_json(results)
    else:
        affichage.reconstructions(results)
    if any(result.differences for result in results):
        sys.exit(NOT_INTACT)


@cli.command("follow")
@click.option("--once", is_flag=True, help="Catch up and stop.")
@click.pass_obj
def follow_command(settings: Settings, *, once: bool) -> None:
    """Keep every projection current: gives committed facts their position, applies them, survives a lost server."""
    with _opened(settings) as opened:
        if once:
            for view in PROJECTIONS.values():
                with Follower(opened.ledger, view) as follower:
                    affichage.suivi(view.name, follower.catch_up(), follower.position())
            return
        stop = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        affichage.ecrire("projections suivies ; Ctrl-C pour arrêter")
        follow(opened.ledger, tuple(PROJECTIONS.values()), stop)


@cli.command("rules")
@click.argument("identifiant", required=False, type=Reference())
@click.option("--label", type=Choice([each.value for each in Verification]), help="Only sources so verified.")
@_json
def rules_command(identifiant: str | None, label: str | None, *, as_json: bool) -> None:
    """What the law says: every source of every rule, with its dates and how far it was checked.

    A rule read more than once says which sets follow each reading. With IDENTIFIANT, that rule whole: the text above
    its code. Needs no ledger.
    """
    chosen = REGLES if identifiant is None else (_rule(identifiant),)
    shown = [replace(rule, sources=_sources(rule, label)) for rule in chosen]
    shown = [rule for rule in shown if rule.sources]
    if as_json:
        sets = [{"empreinte": empreinte(jeu), **plain(jeu)} for jeu in JEUX]
        _print_json({"empreinte": empreinte(ACTUEL), "jeux": sets, "regles": [_rule_json(rule) for rule in shown]})
    else:
        affichage_regles.regles(shown, entieres=identifiant is not None)


@cli.command("schema")
@click.argument("what", type=Choice([_INTERCHANGE, *NOMS]), default=_INTERCHANGE)
def schema_command(what: str) -> None:
    """Print the JSON Schema of WHAT, made from the models: the interchange format, or what a command prints as JSON.

    `against-rules` is what `constat evidence --against-rules` prints.
    """
    _print_json(json_schema() if what == _INTERCHANGE else schema(what))


def _rule(identifiant: str) -> Regle:
    try:
        return regle(identifiant)
    except KeyError:
        msg = f"aucune règle « {identifiant} » : « constat rules » donne tous les identifiants"
        raise ConstatError(msg) from None


def _sources(rule: Regle, label: str | None) -> tuple[Source, ...]:
    return tuple(source for source in rule.sources if label in {None, source.verification.value})


def _rule_json(rule: Regle) -> dict[str, Any]:
    sources = [
        {"reference": source.reference, "sens": source.verification.sens, **plain(source)} for source in rule.sources
    ]
    readings = [
        {
            "numero": number,
            "connue_le": rule.connue_le(number),
            "jeux": [empreinte(jeu) for jeu in JEUX if jeu.lecture(rule.identifiant) == number],
        }
        for number in range(1, len(rule.lectures) + 1)
    ]
    return {**plain(rule), "sources": sources, "lectures": readings}


def _life(opened: Opened, person: str) -> tuple[Entry, ...]:
    """The person's own entries."""
    return _known_person(person, opened.ledger.life(person))


def _vie(opened: Opened, person: str) -> tuple[Entry, ...]:
    """The same, with the incidents of nobody."""
    return _known_person(person, vie(opened.ledger, person))


def _known_person(person: str, entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    if not entries:
        msg = f"aucune entrée pour « {person} » : vérifiez la référence"
        raise ConstatError(msg)
    return entries


def _everybody(settings: Settings, moment: Moment, jeu: Jeu, workers: int | None) -> None:
    with _opened(settings) as opened:
        with opened.ledger.connection() as conn:
            row = conn.execute("SELECT count(*) FROM ledger.person_key").fetchone()
        with _bar(row[0] if row else 0, "personnes", quiet=False) as bar:
            for persons, lines in preuves(opened.ledger, opened.keys, moment, jeu, workers=workers):
                click.echo(lines, nl=False)
                bar.advance(bar.task_ids[0], persons)


def _preuve(settings: Settings, person: str, moment: Moment, rules: str | None, *, past: bool = False) -> Preuve:
    jeu = _jeu(rules)
    with _opened(settings) as opened:
        entries = _vie(opened, person)
    found = preuve(entries, moment, jeu)
    return avec_le_passe(entries, found, jeu) if past else found


def _jeu(rules: str | None) -> Jeu:
    """The set of rules asked for by its digest, or by the beginning of it; the last one when none is."""
    named = (ACTUEL,) if rules is None else jeux_nommes(rules)
    if len(named) == 1:
        return named[0]
    said = "peut être l'empreinte de plusieurs jeux de règles" if named else "n'est l'empreinte d'aucun jeu de règles"
    msg = f"« {rules} » {said} ; ce programme a {affichage_regles.jeux_connus()}"
    raise ConstatError(msg)


def _moment(known_on: datetime | None, true_on: date | None) -> Moment:
    return Moment(known_on, true_on or paris_day(datetime.now(UTC)))


def _verify(opened: Opened, *, quiet: bool) -> Report:
    with opened.ledger.connection() as conn:
        row = conn.execute("SELECT count(*) FROM ledger.entry").fetchone()
    with _bar(row[0] if row else 0, "entrées", quiet=quiet) as bar:
        return verify_ledger(opened.ledger, progress=lambda step: bar.advance(bar.task_ids[0], step))


def _argument(given: str) -> bytes:
    if given != "-":
        return os.fsencode(given)
    return sys.stdin.buffer.read(MAX_LINE_BYTES + 1)


def _written(entries: tuple[Entry, ...], *, as_json: bool) -> None:
    if as_json:
        _print_json(
            [
                {
                    "event_id": str(each.event_id),
                    "flux": each.stream.hex,
                    "place": each.pos,
                    "enregistre_le": each.recorded_at.isoformat(),
                    "avertissements": [a.model_dump(mode="json") for a in each.fait.avertissements],
                }
                for each in entries
            ]
        )
    else:
        affichage.enregistres(entries)


def _print_json(value: Any) -> None:
    click.echo(json.dumps(plain(value), ensure_ascii=False, indent=2).encode())


@contextmanager
def _bar(total: int, unit: str, *, quiet: bool) -> Iterator[Progress]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeRemainingColumn(),
    )
    with Progress(
        *columns, console=affichage.errors, transient=True, disable=quiet or not affichage.errors.is_terminal
    ) as bar:
        bar.add_task("", total=total)
        yield bar


@contextmanager
def _opened(settings: Settings) -> Iterator[Opened]:
    with open_ledger(settings) as opened:
        yield opened


def main() -> None:
    """Run the command line and turn every refusal into one French message and an exit code."""
    _replace_what_cannot_be_shown()
    try:
        cli.main(prog_name="constat", standalone_mode=False)
    except click.UsageError as error:
        _fail(usage.explanation(error), USAGE)
    except Refused as error:
        _fail(str(error), REFUSED)
    except UnreadableError as error:
        _fail("\n- ".join(["illisible :", *map(str, error.problemes)]), REFUSED)
    except ConflictError as error:
        _fail(str(error), CONFLICT)
    except (DatabaseUnfitError, KeyFileError, KeyDestroyedError, SettingsError) as error:
        _fail(str(error), UNAVAILABLE)
    except psycopg.OperationalError:
        _fail(
            "le serveur PostgreSQL ne répond pas ; rien n'a été écrit à moitié, recommencez la même commande",
            UNAVAILABLE,
        )
    except ConstatError as error:
        _fail(str(error), REFUSED)
    except OSError as error:
        cause = CAUSES.get(error.errno or 0, f"erreur {error.errno} du système")
        _fail(f"{error.filename or 'lecture ou écriture'} : {cause}", UNAVAILABLE)
    except click.Abort:
        _fail("interrompu ; ce qui a été acquitté est enregistré, la même commande reprend où elle en était", 130)


def _replace_what_cannot_be_shown() -> None:
    """A terminal of another encoding than UTF-8 shows « ? » for what it has no sign for."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _fail(message: str, code: int) -> NoReturn:
    for line in f"constat : {message}".splitlines():
        click.echo(francais.propre(line), err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
