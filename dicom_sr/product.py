"""What results call their maker and the product; light, for whoever only has to recognise them."""

from typing import Final

MANUFACTURER: Final = "FirstRead"
PRODUCT: Final = "FirstRead"
