// Where a person is, over the coming anew of a part: the same field with its caret, so that what is
// typed goes on in it and no letter of a word becomes a key that does something.

const FIELDS = "input, textarea, select";

/** Give the field of a part in which a person is; null for none. */
export function fieldIn(root) {
  const field = document.activeElement;
  if (!field?.id || !root.contains(field) || !field.matches(FIELDS)) return null;
  return { id: field.id, start: field.selectionStart, end: field.selectionEnd };
}

/** Go on in that field; give whether it is there to be typed in. */
export function goOnIn(root, was) {
  const field = was && root.querySelector(`#${CSS.escape(was.id)}`);
  if (!field) return false;
  field.focus({ preventScroll: true });
  if (was.start !== null && was.start !== undefined) field.setSelectionRange(was.start, was.end);
  return document.activeElement === field;
}
