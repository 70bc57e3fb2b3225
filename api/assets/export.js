// A drawing leaves the screen: its export is entered first, then drawn anew with the entry burnt in, and saved.
"use strict";
(() => {
  const drawing = document.getElementById("drawing");
  if (!drawing) return;
  const said = document.createElement("p");
  said.className = "exported";
  said.setAttribute("role", "status");
  drawing.before(said);

  const entered = async ({ format, names_hidden }) => {
    const response = await fetch(drawing.dataset.exports, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        "X-Zhixi-CSRF": drawing.dataset.csrf,
        "Idempotency-Key": crypto.randomUUID(),
        "Accept-Language": document.documentElement.lang,
      },
      body: JSON.stringify({ document: drawing.dataset.document, format, names_hidden }),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error((answer.reasons ?? []).map((each) => each.text?.[lang()]).join(" ") || answer.title);
    return answer;
  };
  const lang = () => (document.documentElement.lang.startsWith("en") ? "en" : "zh");

  const save = (blob, filename) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = filename;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  };

  drawing.addEventListener("zhixi:export", (event) => {
    event.preventDefault();
    const { detail } = event;
    (async () => {
      const entry = await entered(detail);
      const moment = entry.recorded_at.slice(0, 16).replace("T", " ");
      save(await detail.render(`${drawing.dataset.watermark}  ${moment}  ${entry.ref}`), detail.filename);
      said.textContent = drawing.dataset.saidDone.replace("%", entry.ref);
      said.classList.remove("fault");
    })().catch((error) => {
      said.textContent = `${drawing.dataset.saidWrong} ${error.message}`;
      said.classList.add("fault");
    });
  });
})();
