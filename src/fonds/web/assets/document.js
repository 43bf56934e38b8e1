// Extras of the page of a document. Everything on it works without them.
(() => {
  "use strict";
  const page = document.querySelector("main.record");
  const text = page && page.querySelector(".passages");
  if (!text) return;
  const byId = (name) => document.getElementById(name);

  // Which marks are shown is kept from one document to the next, until the window is closed.
  for (const box of page.querySelectorAll(".toggles input")) {
    const key = "show:" + box.name;
    try {
      const kept = sessionStorage.getItem(key);
      if (kept !== null) box.checked = kept === "1";
      box.addEventListener("change", () => sessionStorage.setItem(key, box.checked ? "1" : "0"));
    } catch { /* a browser may forbid it */ }
  }

  // ---- cards: beside the name, not at the foot of the window

  let open = null;
  const close = () => {
    if (!open) return;
    const { card, name } = open;
    open = null;
    card.classList.remove("open");
    card.removeAttribute("style");
    card.removeAttribute("tabindex");
    name.removeAttribute("aria-expanded");
    name.focus({ preventScroll: true });
  };
  const show = (name, card) => {
    close();
    open = { card, name };
    card.classList.add("open");
    card.tabIndex = -1;
    const place = name.getClientRects()[0], width = card.offsetWidth, height = card.offsetHeight;
    const left = Math.min(Math.max(8, place.left), document.documentElement.clientWidth - width - 8);
    const below = place.bottom + 6, above = place.top - height - 6;
    card.style.left = Math.max(8, left) + "px";
    card.style.top = Math.max(8, below + height < innerHeight || above < 8 ? Math.min(below, innerHeight - height - 8) : above) + "px";
    card.style.bottom = card.style.right = "auto";
    name.setAttribute("aria-expanded", "true");
    card.focus({ preventScroll: true });
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (link && link.matches("a.mention[href^='#']") && !(event.ctrlKey || event.metaKey || event.shiftKey)) {
      const card = byId(decodeURIComponent(link.hash.slice(1)));
      if (card) { event.preventDefault(); show(link, card); }
    } else if (open && link && link.matches(".close")) {
      event.preventDefault();
      close();
    } else if (open && (link || !open.card.contains(event.target))) {
      close();
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (open) close();
    else if (location.hash && byId(decodeURIComponent(location.hash.slice(1)))?.matches(".who")) location.hash = "-";
  });
  addEventListener("resize", close);

  // ---- statements: the words of a row are marked while it is looked at

  const words = (event, on) => {
    const place = event.target.closest(".said > li")?.querySelector(".where a");
    const marked = place && byId(decodeURIComponent(place.hash.slice(1)));
    if (marked) marked.classList.toggle("looked-at", on);
  };
  for (const [name, on] of [["mouseover", true], ["mouseout", false], ["focusin", true], ["focusout", false]]) {
    page.addEventListener(name, (event) => words(event, on));
  }

  // ---- copying: words that are lost are […], with a note of what is lost

  const gapNote = (gap) => {
    const said = gap.textContent.trim().replace(/^\[|\]$/g, "");
    const loss = gap.dataset.loss || "";
    return said && loss && !said.includes(loss) ? said + " (" + loss + ")" : said || loss;
  };
  const quoted = (fragment) => {
    const notes = [];
    for (const each of fragment.querySelectorAll(".ordinal, .call, .copy, .of-mark, .page")) each.remove();
    for (const gap of fragment.querySelectorAll(".gap")) {
      notes.push(gapNote(gap));
      gap.replaceWith("[…]");
    }
    for (const each of fragment.querySelectorAll("br")) each.replaceWith("\n");
    const blocks = [...fragment.querySelectorAll("p")];
    const parts = blocks.length ? blocks.map((each) => each.textContent) : [fragment.textContent];
    return [parts.map((each) => each.replace(/[ \t]+/g, " ").trim()).filter(Boolean).join("\n\n"),
      ...notes.map((note) => "[…] " + note)].join("\n\n");
  };
  document.addEventListener("copy", (event) => {
    const selection = getSelection();
    if (!selection.rangeCount || selection.isCollapsed || !text.contains(selection.getRangeAt(0).commonAncestorContainer)) return;
    const fragment = document.createElement("div");
    fragment.append(selection.getRangeAt(0).cloneContents());
    // A selection within a gap is of its words.
    if (!fragment.querySelector(".gap")) return;
    event.clipboardData.setData("text/plain", quoted(fragment));
    event.preventDefault();
  });
})();
