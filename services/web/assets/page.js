// What the pages can do with a script in addition. Everything else works without it.
"use strict";

// A link may have the cited range only in its fragment, which servers do not see. The page is
// opened again with the range in the query, so that the server marks it.
function openCited() {
  const range = /^#c=(\d+-\d+)$/.exec(location.hash);
  const url = new URL(location.href);
  if (!range || !url.pathname.startsWith("/read/") || url.searchParams.get("c") === range[1]) return;
  url.searchParams.set("c", range[1]);
  url.searchParams.delete("w");
  location.replace(url);
}

// A button copies the text of the element that it names.
function addCopy(button) {
  const source = document.getElementById(button.dataset.copy);
  const text = source.textContent.replace(/\s+/g, " ").trim();
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(source);
      button.textContent = "Selected: copy it";
    }
  });
}

// Files can be dropped on the form for an import.
function addDrop(form) {
  const input = form.querySelector("input[type=file]");
  form.querySelector("[data-drop]").hidden = false;
  form.addEventListener("dragover", (event) => {
    event.preventDefault();
    form.classList.add("over");
  });
  form.addEventListener("dragleave", () => form.classList.remove("over"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("over");
    if (event.dataTransfer.files.length > 0) {
      input.files = event.dataTransfer.files;
      form.requestSubmit();
    }
  });
}

openCited();
addEventListener("hashchange", openCited);
document.querySelectorAll("[data-copy]").forEach(addCopy);
document.querySelectorAll("form.drop").forEach(addDrop);
