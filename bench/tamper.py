"""``python -m bench.tamper``: what a hostile administrator can do to the ledger, and who notices, and how fast.

The administrator is superuser of the database, owns its files and clock, and has the log's own signing key. What it
does not have is what others hold: a witness and its state, the file of the last checkpoint published, a receipt.
Each attack is made on a fresh, sealed, cosigned log of a few hundred facts; then each of those who look does so.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psycopg
from rich.console import Console
from rich.table import Table

from bench.__main__ import fresh
from bench.dossiers import lines
from bench.seal import server
from console import logs
from ledger.database import Database
from ledger.interchange import read_line
from ledger.seal.census import take_census
from ledger.seal.checkpoint import Checkpoint, TlogProof
from ledger.seal.couriers import Cosigning
from ledger.seal.log import SealedLog
from ledger.seal.note import Note
from ledger.seal.policy import Policy
from ledger.seal.proof import consistent
from ledger.seal.sealer import Memory, Sealer, SetBackError
from ledger.seal.signing import SigningKeys
from ledger.seal.witnesses import Reason, gather
from ledger.store import Ledger
from replay.verify import Trust, verify
from witness.state import State

FACTS: Final = 600
TABLES: Final = ("entry", "leaf", "sealing", "tile", "checkpoint", "cosignature", "token", "person_key")
HASHED: Final = "sha256('\\x00'::bytea || convert_to(line, 'UTF8'))"
BACKUP: Final = 420
"""How many facts the old backup had."""
UNSEAL: Final = ("DELETE FROM ledger.cosignature", "DELETE FROM ledger.checkpoint", "DELETE FROM ledger.tile")
WITNESS: Final = "temoin.exemple/a"
TRIES: Final = 10
"""How often a witness is asked that a busy machine keeps from answering in time: that it is slow is no finding."""


@dataclass(slots=True)
class World:
    """A log under attack, and what others hold of it. ``keys``: the log's own, which the attacker has too."""

    ledger: Ledger
    database: Database
    keys: SigningKeys
    folder: Path
    policy: Policy
    kept: TlogProof
    forged: Note | None = None
    signing: SigningKeys = field(init=False)

    def __post_init__(self) -> None:
        self.signing = self.keys

    @property
    def memory(self) -> Memory:
        """The file of the last checkpoint published, out of the attacker's reach."""
        return Memory(self.folder / "point")

    def as_superuser(self, *statements: str) -> None:
        """Run statements with every trigger off, and put the triggers back."""
        with psycopg.connect(self.database.conninfo, autocommit=True) as conn:
            for table in TABLES:
                conn.execute(f"ALTER TABLE ledger.{table} DISABLE TRIGGER append_only".encode())
            for statement in statements:
                conn.execute(statement.encode())
            for table in TABLES:
                conn.execute(f"ALTER TABLE ledger.{table} ENABLE ALWAYS TRIGGER append_only".encode())

    def sign_all(self) -> None:
        """Hash and sign, with the real key and no memory, whatever stands in the database now."""
        sealer = Sealer(self.database, self.signing, Memory(self.folder / "oubli"))
        sealer.seal()
        sealer.close()


@dataclass(frozen=True, slots=True)
class Attack:
    """What the administrator does, and by whom it must be noticed: ``scelleur``, ``témoin``, ``reçu``, or checks."""

    name: str
    act: Callable[[World], None]
    noticed_by: frozenset[str]


@dataclass(frozen=True, slots=True)
class Noticed:
    """Who noticed what, and after how many milliseconds of looking."""

    by: str
    what: str
    milliseconds: float


# ---------------------------------------------------------------------- the attacks


def edit_a_byte(world: World) -> None:
    """One bit of one sealed part."""
    world.as_superuser(
        "UPDATE ledger.entry SET state = set_byte(state, 40, get_byte(state, 40) # 1) WHERE notification_id = 300"
    )


def rewrite_an_entry(world: World) -> None:
    """A line is rewritten with its hash, the log's copy of it, the tiles and every root, and all is signed again."""
    world.as_superuser(
        "UPDATE ledger.entry SET line = regexp_replace(line, '(\"fait\":\").', '\\1f') WHERE notification_id = 599",
        f"UPDATE ledger.entry SET leaf_hash = {HASHED} WHERE notification_id = 599",
        "UPDATE ledger.leaf SET leaf_hash = e.leaf_hash FROM ledger.entry AS e"
        " WHERE e.notification_id = leaf.notification_id",
        *UNSEAL,
    )
    world.sign_all()


def delete_the_tail(world: World) -> None:
    """Everything since the old backup, out of every table, so that nothing inside is wrong."""
    world.as_superuser(
        f"DELETE FROM ledger.cosignature WHERE size > {BACKUP}",
        f"DELETE FROM ledger.checkpoint WHERE size > {BACKUP}",
        f"DELETE FROM ledger.tile WHERE (n + 1) * 256 ^ (level + 1) > {BACKUP}",
        f"DELETE FROM ledger.leaf WHERE position > {BACKUP}",
        f"DELETE FROM ledger.sealing WHERE last_position > {BACKUP}",
        "DELETE FROM ledger.entry WHERE notification_id NOT IN (SELECT notification_id FROM ledger.leaf)",
    )


def swap_two_entries(world: World) -> None:
    """Two entries change places in the sealed order."""
    world.as_superuser(
        "UPDATE ledger.leaf SET notification_id = -notification_id WHERE position IN (100, 400)",
        "UPDATE ledger.leaf SET notification_id = CASE position WHEN 100 THEN 400 ELSE 100 END,"
        " leaf_hash = (SELECT e.leaf_hash FROM ledger.entry AS e WHERE e.notification_id ="
        " CASE position WHEN 100 THEN 400 ELSE 100 END) WHERE position IN (100, 400)",
    )


def renumber(world: World) -> None:
    """An entry is taken out of the middle of a stream and those after it move up, lines rewritten and hashed again."""
    world.as_superuser(
        "CREATE TEMP TABLE hit AS SELECT originator_id AS s FROM ledger.entry GROUP BY 1 HAVING count(*) > 8"
        " ORDER BY min(notification_id) LIMIT 1",
        "DELETE FROM ledger.leaf USING ledger.entry AS e, hit WHERE e.originator_id = s AND e.originator_version = 4"
        " AND leaf.notification_id = e.notification_id",
        "DELETE FROM ledger.entry USING hit WHERE originator_id = s AND originator_version = 4",
        "UPDATE ledger.entry SET originator_version = originator_version - 1001, line = replace(line,"
        " '\"pos\":' || originator_version, '\"pos\":' || (originator_version - 1)) FROM hit"
        " WHERE originator_id = s AND originator_version > 4",
        "UPDATE ledger.entry SET originator_version = originator_version + 1000 WHERE originator_version < 0",
        f"UPDATE ledger.entry SET leaf_hash = {HASHED} FROM hit WHERE originator_id = s",
    )


def restore_a_backup(world: World) -> None:
    """Last week's copy is put back, facts go on being filed, and the log grows past what had been published."""
    delete_the_tail(world)
    world.ledger.append([read_line(line) for line in lines(300, prefix="apres")])
    world.ledger.sequence()
    world.sign_all()


def show_two_faces(world: World) -> None:
    """A second log under the same name, of the same size and signed with the same key, for those who must not see."""
    point = Checkpoint.parse(world.kept.note.text)
    world.forged = world.keys.sign(Checkpoint(point.origin, point.size + 2, b"\7" * 32).text)


def swap_the_key(world: World) -> None:
    """The signing key is replaced by another, and everything is signed again with it."""
    world.signing = SigningKeys.generate(world.keys.origin)
    world.as_superuser(*UNSEAL)
    world.sign_all()


def shift_the_clock(world: World) -> None:
    """The server's clock goes back three hours while facts are recorded, and comes right again."""
    with psycopg.connect(world.database.conninfo, autocommit=True) as conn:
        [(body,)] = conn.execute("SELECT pg_get_functiondef('ledger.append'::regproc)").fetchall()
        conn.execute(body.replace("clock_timestamp()", "clock_timestamp() - interval '3 hours'").encode())
        world.ledger.append([read_line(line) for line in lines(5, prefix="recule")])
        conn.execute(body.encode())
    sealer = Sealer(world.database, world.keys, world.memory)
    note = sealer.seal()
    sealer.close()
    if note is not None:
        Cosigning(world.database, world.policy)(note)


def drop_a_trigger_and_put_it_back(world: World) -> None:
    """A guard is taken away and put back exactly as it was; nothing is changed meanwhile that could show."""
    with psycopg.connect(world.database.conninfo, autocommit=True) as conn:
        [(again,)] = conn.execute(
            "SELECT pg_get_triggerdef(oid) FROM pg_trigger"
            " WHERE tgname = 'append_only' AND tgrelid = 'ledger.entry'::regclass"
        ).fetchall()
        conn.execute("DROP TRIGGER append_only ON ledger.entry")
        conn.execute(again.encode())
        conn.execute("ALTER TABLE ledger.entry ENABLE ALWAYS TRIGGER append_only")


ATTACKS: Final = (
    Attack("modifier un octet d'un contenu scellé", edit_a_byte, frozenset({"ouverture"})),
    Attack(
        "réécrire une entrée avec toutes ses empreintes, et resigner",
        rewrite_an_entry,
        frozenset({"scelleur", "témoin", "reçu", "engagement"}),
    ),
    Attack("retirer la fin de toutes les tables", delete_the_tail, frozenset({"scelleur", "témoin", "reçu"})),
    Attack("échanger deux entrées", swap_two_entries, frozenset({"positions", "arbre"})),
    Attack("retirer une entrée et renuméroter les suivantes", renumber, frozenset({"positions", "chaine"})),
    Attack(
        "restaurer une vieille sauvegarde et continuer", restore_a_backup, frozenset({"scelleur", "témoin", "reçu"})
    ),
    Attack("bifurquer et montrer deux faces", show_two_faces, frozenset({"témoin", "reçu"})),
    Attack("changer la clé de signature", swap_the_key, frozenset({"témoin", "reçu", "points"})),
    Attack("reculer l'horloge du serveur", shift_the_clock, frozenset({"dates"})),
    Attack("retirer un déclencheur et le remettre", drop_a_trigger_and_put_it_back, frozenset({"gardes"})),
)


# ---------------------------------------------------------------------- those who look


def sealer_looks(world: World) -> str:
    """The honest sealer, with what it remembers of the last checkpoint published."""
    sealer = Sealer(world.database, world.keys, world.memory)
    try:
        sealer.seal()
    except SetBackError as error:
        return str(error).split(" : ")[0]
    finally:
        sealer.close()
    return ""


def witness_looks(world: World) -> str:
    """The witness, asked to cosign what the attacker signs now."""
    with world.database.connect() as conn:
        log = SealedLog(conn)
        note = world.forged or log.latest()
        if note is None:
            return ""
        bare = Note(note.text, note.signatures[:1])
        for _ in range(TRIES):
            reasons = [failure.reason for failure in gather(world.policy, bare, log.consistency).failures]
            if Reason.UNREACHABLE not in reasons:
                return "; ".join(reason.value for reason in reasons)
    raise TimeoutError


def receipt_looks(world: World) -> str:
    """Whoever holds an old proof asks the log of today to show that it goes on from there."""
    old = world.kept.checkpoint
    with world.database.connect() as conn:
        log = SealedLog(conn)
        note = world.forged or log.latest()
        if note is None:
            return "plus aucun point de contrôle"
        now = Checkpoint.parse(note.text)
        if not note.verified(world.keys.verifiers):
            return "signé d'une autre clé"
        if now.size < old.size:
            return f"{old.size - now.size} lignes de moins"
        try:
            path = log.consistency(old.size, now.size)
        except LookupError:
            return "aucune preuve de prolongement"
    sound = consistent(old=old.size, old_root=old.root, size=now.size, root=now.root, path=path)
    return "" if sound else "l'arbre ne prolonge pas celui du reçu"


def verification_looks(world: World) -> list[str]:
    """``constat verify`` with the policy of outside: which checks fail."""
    report = verify(world.ledger, trust=Trust(world.keys.verifiers, world.policy))
    return sorted({finding.check.value for finding in report.findings})


def looked(world: World) -> Iterator[Noticed]:
    """Everybody's turn, each timed."""
    for by, look in {"reçu": receipt_looks, "témoin": witness_looks, "scelleur": sealer_looks}.items():
        started = time.perf_counter()
        what = look(world)
        if what:
            yield Noticed(by, what, (time.perf_counter() - started) * 1000)
    started = time.perf_counter()
    for check in verification_looks(world):
        yield Noticed(check, "constat verify", (time.perf_counter() - started) * 1000)


# ---------------------------------------------------------------------- the table


@contextmanager
def witnessed(folder: Path, keys: SigningKeys) -> Iterator[Policy]:
    """A witness that runs, and the policy that names it."""
    state = State(folder / "temoin")
    signer = state.create(WITNESS)
    for verifier in keys.verifiers:
        state.add_log(verifier)
    command = [sys.executable, "-m", "witness", "serve", str(state.folder), "--listen", "127.0.0.1:0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        told = re.search(r"http://[0-9.]+:[0-9]+", process.stdout.readline() if process.stdout else "")
        try:
            witness = f"witness a {signer.verifier.vkey} {told[0] if told else ''}"
            yield Policy.parse(f"log {keys.verifiers[0].vkey}\n{witness}\nquorum a\n")
        finally:
            process.terminate()


@contextmanager
def sealed_world(conninfo: Callable[[str], str]) -> Iterator[World]:
    """A fresh log: facts in several checkpoints, each cosigned, one recensement, an applicant's proof."""
    with tempfile.TemporaryDirectory() as name, fresh(conninfo) as (database, ledger, _):
        folder = Path(name)
        keys = SigningKeys.generate(ledger.origin)
        with witnessed(folder, keys) as policy:
            sealer, cosign = Sealer(database, keys, Memory(folder / "point")), Cosigning(database, policy)
            facts = [read_line(line) for line in lines(FACTS)]
            for first in range(0, FACTS, FACTS // 10):
                ledger.append(facts[first : first + FACTS // 10])
                _seal(sealer, cosign)
            sealer.watch_guards()
            take_census(sealer)
            _seal(sealer, cosign)
            sealer.close()
            with database.connect() as conn:
                log = SealedLog(conn)
                note = log.latest()
                assert note is not None  # noqa: S101 - sealed above
                kept = log.prove(550, note)
            yield World(ledger, database, keys, folder, policy, kept)


def _seal(sealer: Sealer, cosign: Cosigning) -> None:
    """Seal, and have it cosigned.

    :raises TimeoutError: the witness did not, however often it was asked.
    """
    note = sealer.seal()
    if note is not None and not any(cosign(note) for _ in range(TRIES)):
        raise TimeoutError


def attacked(conninfo: Callable[[str], str], attack: Attack) -> list[Noticed]:
    """Who notices one attack."""
    with sealed_world(conninfo) as world:
        attack.act(world)
        return list(looked(world))


def row(attack: Attack, noticed: list[Noticed]) -> tuple[str, str, str]:
    """A line of the table: the attack, by whom it was noticed, and how soon by the first of them to look."""
    who = ", ".join(each.by for each in noticed)
    return attack.name, who or "PERSONNE", f"{min((each.milliseconds for each in noticed), default=0):.0f} ms"


def main() -> None:
    """Make every attack and print who noticed."""
    parser = argparse.ArgumentParser(prog="python -m bench.tamper")
    parser.add_argument("--markdown", action="store_true", help="print the table as docs/tamper.md has it")
    markdown = parser.parse_args().markdown
    logs.configure(verbose=False)
    table = Table("ce que fait l'administrateur", "qui le voit", "au plus tôt en")
    missed = []
    embedded = server()
    with embedded.running():
        for attack in ATTACKS:
            noticed = attacked(embedded.conninfo, attack)
            told = row(attack, noticed)
            table.add_row(*told)
            if markdown:
                print("| " + " | ".join(told) + " |", flush=True)
            if not attack.noticed_by <= {each.by for each in noticed}:
                missed.append(attack.name)
    if not markdown:
        Console(width=120).print(table)
    if missed:
        sys.exit(f"non vu comme prévu : {', '.join(missed)}")


if __name__ == "__main__":
    main()
