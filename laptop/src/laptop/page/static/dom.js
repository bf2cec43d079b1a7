// Creating elements, and requests to the server. Text is always inserted as text: rows and labels are untrusted.

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

export class NoAnswer extends Error {
  constructor(server, message) {
    super(message);
    this.server = server;
  }
}

export async function ask(address) {
  let answer;
  try {
    answer = await fetch(address);
  } catch {
    throw new NoAnswer(
      "dashboard page",
      "the page's server does not answer; was it stopped with make down?",
    );
  }
  const document = await answer.json();
  if (!answer.ok) throw new NoAnswer(document.server ?? "dashboard page", document.error);
  return document;
}
