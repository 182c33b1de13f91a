"""Breaks a whole installation for minutes on end, and then counts what became of each film.

`python -m evaluation.chaos --minutes 5 --json` (PostgreSQL and Redis, two workers and two
deliveries), and with `--embedded` (`firstread up`). dcmtk sends films from several sides while
processes of every kind of ours are killed with -9, frozen and started again, Redis, PostgreSQL, the
spool's disk and the peers fail, and objects come broken; then everything is let run, and every
film that was acknowledged is looked for in the peers' own listings.

Who does what: `films` makes what is sent, `senders` send it and keep what dcmtk saw in `ledger`;
`house` is the installation, between the servers of `surroundings`; `schedule` draws what happens
when, `killing` and `troubles` do it; `quiet` waits for the end, `holdings` lists what the peers
have, and `account` compares.
"""
