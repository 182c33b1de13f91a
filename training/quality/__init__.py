"""Making the classifier of the image quality gate: films, distortions, fitting, thresholds."""
