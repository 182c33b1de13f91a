"""Results as HL7 v2 messages (ORU^R01), and their way to a listener over MLLP."""
