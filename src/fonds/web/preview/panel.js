// Of the live preview alone: loads the page again when there is something new, and says while it is being made.
"use strict";
(() => {
  const here = document.currentScript;
  const version = Number(here.dataset.version);
  const source = new EventSource(new URL("news", here.src));
  let line = null;
  source.addEventListener("message", (event) => {
    const news = JSON.parse(event.data);
    if (news.word === "building") {
      if (!line) {
        line = document.createElement("p");
        line.className = "preview-building";
        line.setAttribute("role", "status");
        document.body.prepend(line);
        line.textContent = "Saved. The page is being made again …";
      }
    } else if (news.version !== version) {
      source.close();
      location.reload();
    } else if (line) {
      line.remove();
      line = null;
    }
  });
  addEventListener("pagehide", () => source.close());
})();
