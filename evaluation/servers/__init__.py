"""The programs that FirstRead is measured and broken against, each on a free port of its own."""
