"""Pure builders: a reading and the header of its film become DICOM objects; no I/O."""
