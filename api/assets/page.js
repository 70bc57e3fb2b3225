// What every page adds to what works without it: nothing is sent in mid-composition, forms go once, pages turn by key.
"use strict";
(() => {
  let composing = false;
  document.addEventListener("compositionstart", () => { composing = true; }, true);
  document.addEventListener("compositionend", (event) => {
    composing = false;
    // What listens for typing hears of it once the word stands.
    event.target.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }, true);
  document.addEventListener("input", (event) => {
    if (event.isComposing || composing) event.stopImmediatePropagation();
  }, true);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) event.stopPropagation();
  }, true);

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (composing || form.dataset.sent === "yes") { event.preventDefault(); return; }
    if (form.method === "post") {
      form.dataset.sent = "yes";
      form.setAttribute("aria-busy", "true");
    }
  }, true);
  // Coming back by the history, a form may be sent again: its key keeps the entry single.
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      form.removeAttribute("aria-busy");
    }
  });

  // A find box inside a longer form looks for people on Enter; it never registers.
  document.addEventListener("keydown", (event) => {
    const box = event.target;
    if (event.key !== "Enter" || event.isComposing || !box.matches?.("[data-finder]")) return;
    event.preventDefault();
    const picker = box.closest(".picker");
    const first = picker.querySelector(".found input");
    if (window.htmx && first) first.click();
    else picker.querySelector("button[name=find]").click();
  });
  // Whoever is ticked among those found joins those chosen.
  document.addEventListener("change", (event) => {
    const input = event.target;
    const found = input.closest?.(".found");
    if (!found) return;
    const picker = input.closest(".picker");
    const chosen = picker.querySelector("[data-chosen]");
    if (input.type === "radio") chosen.replaceChildren();
    const again = chosen.querySelector(`input[value="${CSS.escape(input.value)}"]`);
    const line = input.closest("li");
    if (again) line.remove();
    else chosen.append(line);
    found.replaceChildren();
    const box = picker.querySelector("[data-finder]");
    box.value = "";
    box.focus();
  });

  const faults = document.getElementById("faults");
  if (faults) faults.focus();

  const pager = document.querySelector("[data-pager]");
  if (pager) {
    const leaf = document.querySelector("[data-leaf]");
    leaf.addEventListener("error", () => {
      const said = document.createElement("p");
      said.className = "fault";
      said.setAttribute("role", "alert");
      said.textContent = leaf.dataset.wrong;
      leaf.parentElement.classList.add("wrong");
      leaf.parentElement.prepend(said);
    });
    for (const refused of ["contextmenu", "dragstart"]) leaf.addEventListener(refused, (event) => event.preventDefault());
    const go = (rel) => pager.querySelector(`a[rel=${rel}][href]`)?.click();
    const at = (page) => {
      const form = pager.querySelector("form");
      form.elements.page.value = page;
      form.submit();
    };
    document.addEventListener("keydown", (event) => {
      if (event.target.matches("input, select, textarea") || event.ctrlKey || event.altKey || event.metaKey) return;
      if (event.key === "ArrowRight" || event.key === "PageDown") go("next");
      else if (event.key === "ArrowLeft" || event.key === "PageUp") go("prev");
      else if (event.key === "Home") at(1);
      else if (event.key === "End") at(999999);
      else return;
      event.preventDefault();
    });
  }
})();
