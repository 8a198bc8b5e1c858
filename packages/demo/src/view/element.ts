type Attribute = string | number | boolean | undefined;

type Child = Node | string | undefined;

/** A new element. `true` sets an empty attribute, `false` and `undefined` none; children that are undefined are left out. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, Attribute>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(made, name, value);
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

export function setAttribute(on: Element, name: string, value: Attribute): void {
  if (value === undefined || value === false) on.removeAttribute(name);
  else on.setAttribute(name, value === true ? '' : String(value));
}

/** Sets the text unless it is that already, so that screen readers are not told again. */
export function setText(on: Element, text: string): void {
  if (on.textContent !== text) on.textContent = text;
}
