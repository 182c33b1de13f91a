"""The DICOM edge: what comes in, what is to be read of it, and what goes back to the peers.

The only package that knows pynetdicom.
"""
