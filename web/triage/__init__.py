"""The triage policy as an administrator types it."""
