"""Whether peers keep what they said they stored: storage commitment as an SCU, and C-FIND."""
