// Texts of other drafts that never reached the server, such as those of a study that one left while
// the network was away: they are sent as soon as any review is open.

import { call } from "../script/page.js";
import { allStored, forget } from "./typed.js";

export async function sendUnsent(panel) {
  const { account, reading } = panel.values;
  let ofThisFilm = false;
  for (const one of allStored(account)) {
    if (one.reading === reading && panel.values.reviewable) continue;
    const { place, ...text } = one.typed;
    try {
      await call("PUT", `/api/v1${place}/unsigned`, { ...text, reading_id: one.reading });
    } catch {
      continue;
    }
    forget(account, one.reading);
    ofThisFilm ||= place === panel.place;
  }
  if (ofThisFilm && !panel.signal.aborted) panel.reload();
}
