// What a person typed beside the report and did not say yet: notes on findings that no word was given
// of, and what the model missed. It outlives the list's coming anew and a reload, and ends with the tab.

const PREFIX = "firstread:unsaid:";

/** Give what is kept of a reading under names; `put` with null forgets one. */
export function unsaid({ account, reading }) {
  const key = `${PREFIX}${account}:${reading}`;
  const all = () => JSON.parse(sessionStorage.getItem(key) ?? "{}");
  return {
    get: (name) => all()[name] ?? null,
    put: (name, value) => {
      const { [name]: _, ...rest } = all();
      const kept = value === null ? rest : { ...rest, [name]: value };
      try {
        if (Object.keys(kept).length) sessionStorage.setItem(key, JSON.stringify(kept));
        else sessionStorage.removeItem(key);
      } catch (error) {
        if (!(error instanceof DOMException)) throw error;
      }
    },
  };
}
