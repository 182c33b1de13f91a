"""What every section of the settings is."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """Values that are checked once and never changed; an unknown name is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)
