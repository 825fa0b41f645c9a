"""Uploads are bounded before anything of them is kept: the form's token is only found by reading the whole body."""

from typing import Any, Final

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

MAX: Final = 65 << 20
"""Bytes of a whole request with files; each form takes less."""


class Borne(FileUploadHandler):
    """Stands before the handlers that keep: refuses what says that it is too long, cuts what turns out to be."""

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self._seen = 0

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *others: Any) -> None:  # noqa: N803 - Django's
        """Refuse by the announced length.

        :raises RequestDataTooBig: it is too long: the answer is 413.
        """
        del input_data, META, others
        if content_length > MAX:
            msg = "request with files too long"
            raise RequestDataTooBig(msg)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Let it pass, and count.

        :raises StopUpload: it is too long.
        """
        del start
        self._seen += len(raw_data)
        if self._seen > MAX:
            raise StopUpload(connection_reset=True)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Nothing is kept here."""
        del file_size
