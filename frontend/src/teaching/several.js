// Fields of which there may be one more: wordings, passages.

/** One more of what stands in the box, empty; the field to be written into. */
export function more(box) {
  const added = box.lastElementChild.cloneNode(true);
  const fields = added.matches("textarea") ? [added] : added.querySelectorAll("textarea");
  for (const field of fields) field.value = "";
  box.append(added);
  return fields[0];
}

/** As many fields of this name as it takes, where there may be more of them. */
export function grow(form, name, count) {
  const named = [...form.querySelectorAll(`[data-several] [name="${CSS.escape(name)}"]`)];
  const box = named[0]?.closest("[data-several]");
  for (let missing = count - named.length; box && missing > 0; missing--) more(box);
}
