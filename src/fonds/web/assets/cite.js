// Buttons that copy citations, and paragraphs with their notes. Without it, all of this can be selected and read on the page.
const section = document.querySelector(".cite");
const status = section.querySelector("[role=status]");
// In the language of the page.
const [COPY, COPY_QUOTE, COPIED, NOT_COPIED] = section.dataset.words.split("|");
const oneLine = (text) => text.replace(/\s+/g, " ").trim();

// On pages that did not come by HTTPS there is no clipboard; then a selection is copied as a person would.
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    field.setAttribute("aria-label", COPY);
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
}

function button(label, name, text) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "copy";
  made.textContent = label;
  made.setAttribute("aria-label", `${label}: ${name}`);
  made.addEventListener("click", async () => {
    const done = await copy(text());
    status.textContent = done ? `${COPIED}: ${name}` : NOT_COPIED;
    made.focus();
  });
  return made;
}

for (const field of section.querySelectorAll("[data-copy]")) {
  const name = field.previousElementSibling.textContent;
  const text = field.textContent;
  field.append(" ", button(COPY, name, () => text));
}

// The words that are selected in a paragraph, else all of it; without the numbers of footnotes. Where words of ours say that some
// are lost, there is a mark of omission, and what they say comes second.
function wordsOf(paragraph) {
  const range = document.createRange();
  range.selectNodeContents(paragraph);
  const selection = getSelection();
  const selected = selection.rangeCount && !selection.isCollapsed && selection.getRangeAt(0);
  const words = (selected && paragraph.contains(selected.commonAncestorContainer) ? selected : range).cloneContents();
  for (const call of words.querySelectorAll("a.call")) call.remove();
  const lost = [];
  for (const gap of words.querySelectorAll(".gap:not([data-loss])")) {
    lost.push(oneLine(gap.textContent).replace(/^\[|\]$/g, ""));
    gap.replaceWith("[…]");
  }
  return [oneLine(words.textContent), lost.map((each) => ` […]: ${each}.`).join("")];
}

if (section.dataset.quote) {
  const { before, iri, paragraphs } = JSON.parse(section.dataset.quote);
  for (const [name, place] of Object.entries(paragraphs)) {
    const passage = document.getElementById(name);
    const paragraph = passage?.querySelector("p");
    if (!paragraph) continue;
    const quote = button(COPY_QUOTE, place, () => {
      const [words, lost] = wordsOf(paragraph);
      return `“${words}” (${before}${place}, ${iri}${name}).${lost}`;
    });
    // Pressing it shall not take the selection away.
    quote.addEventListener("mousedown", (event) => event.preventDefault());
    passage.append(quote);
  }
}
