"""DICOMweb (PS3.18): search and retrieval over stored films and our results."""
