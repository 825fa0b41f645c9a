"""Which page of a list an address asks for."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Page(BaseModel):
    """Une page d'une liste."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    page: Annotated[int, Field(ge=1, le=10_000)] = 1
