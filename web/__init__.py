"""The reading room: pages in a browser, a JSON API, and DICOMweb over what is stored.

It speaks to the database and to the files alone. What it wants of the network it writes as rows
that the gateway carries out.
"""
