"""The model's side: claims films, reads them, writes what came of it.

`run_worker` is a parent process: a supervisor with a watchdog. Its child loads the model and
works at a desk that a doorbell (Celery) and its own clock wake; nothing but the database says
what is to be done.
"""
