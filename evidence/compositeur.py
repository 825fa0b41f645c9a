"""The process that composes one PDF: ``python -m evidence.compositeur FOLDER MODEL DAY BYTES``, of composition.py."""

import resource
import sys
from datetime import UTC, datetime
from pathlib import Path


def main() -> None:
    """Compose ``FOLDER/MODEL.typ`` into ``FOLDER/document.pdf`` within so many bytes of memory."""
    folder, model, day, most = sys.argv[1:]
    resource.setrlimit(resource.RLIMIT_AS, (int(most), int(most)))
    import typst  # noqa: PLC0415 - within the bound, and nowhere else in the program

    empty = Path(folder) / "rien"
    empty.mkdir()
    typst.Compiler(
        Path(folder) / f"{model}.typ", root=folder, ignore_system_fonts=True, package_path=str(empty),
        package_cache_path=str(empty),
    ).compile(
        output=Path(folder) / "document.pdf",
        format="pdf",
        pdf_standards=["a-3a", "ua-1"],
        timestamp=datetime.fromisoformat(day).replace(tzinfo=UTC),
    )  # fmt: skip


if __name__ == "__main__":
    main()
