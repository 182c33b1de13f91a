"""What a reporting system holds of us, by the rules of the standard."""

from dataclasses import dataclass, field

import hl7


@dataclass
class Chart:
    """What a receiver holds that does as the standard says: the last word on each observation."""

    orders: dict[str, str] = field(default_factory=dict)
    """Status of the report, by the filler's order number."""
    observations: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    """Value and status, by identifier and sub-identifier."""

    def post(self, message: hl7.Message) -> None:
        """Take a message in."""
        obr = message.segment("OBR")
        self.orders[str(obr[3])] = str(obr[25])
        for obx in message.segments("OBX"):
            key = (str(obx[3]).partition("^")[0], str(obx[4]))
            if str(obx[11]) == "D":
                self.observations.pop(key, None)
            else:
                self.observations[key] = (str(obx[5]), str(obx[11]))

    def of(self, code: str) -> list[str]:
        """Give what is held of an identifier."""
        return [value for (known, _sub), (value, _) in self.observations.items() if known == code]

    @property
    def statuses(self) -> set[str]:
        """The statuses of all results that are held."""
        return {status for _value, status in self.observations.values()} - {"O"}
