"""A reading room with phantoms in it, for looking at pages: each state of a film and of a study.

Nothing is read by a model: what stands in the drafts is made of each phantom's truth, and says so.
"""
