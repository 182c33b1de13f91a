"""Whether a picture is a frontal chest film that may be read, from its pixels alone."""
