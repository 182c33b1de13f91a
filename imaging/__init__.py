"""DICOM pixels to arrays, exactly; knows no network, no database and no model."""
