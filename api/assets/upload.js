// Sends a scan up in parts (tus 1.0.0): it goes on after a break, can be paused or given up, and says what the server said.
"use strict";
(() => {
  const form = document.getElementById("upload");
  if (!form) return;
  const part = (name) => form.querySelector(`[data-${name}]`);
  const say = (name) => { part("said").textContent = name ? form.dataset[`said${name}`] : ""; };
  const PIECE = 8 << 20;
  const WAITS = [1, 2, 5, 10, 20, 30];
  const shared = { "Tus-Resumable": "1.0.0", "X-Zhixi-CSRF": form.dataset.csrf, "Accept-Language": document.documentElement.lang };
  let address = null, request = null, state = "idle";

  class Refusal extends Error {
    constructor(problem, status) { super(problem.title ?? ""); this.problem = problem; this.status = status; }
  }

  const ask = (method, url, headers, body, progress) => new Promise((done, fail) => {
    request = new XMLHttpRequest();
    request.open(method, url);
    for (const [name, value] of Object.entries({ ...shared, ...headers })) request.setRequestHeader(name, value);
    if (progress) request.upload.onprogress = progress;
    request.onload = () => {
      if (request.status < 300) { done(request); return; }
      let problem = {};
      try { problem = JSON.parse(request.responseText); } catch { /* no words came with it */ }
      fail(new Refusal(problem, request.status));
    };
    request.onerror = request.onabort = () => fail(new TypeError("broken"));
    request.send(body ?? null);
  });

  const base64 = (text) => btoa(String.fromCodePoint(...new TextEncoder().encode(text)));
  // Where an upload was left, by a digest: neither name nor carrier is readable in the browser's store.
  const keyOf = async (file, carrier) => {
    const said = new TextEncoder().encode([carrier, file.name, file.size, file.lastModified].join("\n"));
    const digest = await crypto.subtle?.digest("SHA-256", said);
    return digest ? `zhixi-upload-${btoa(String.fromCharCode(...new Uint8Array(digest))).slice(0, 24)}` : null;
  };
  const amount = (sent, whole) => {
    part("progress").hidden = false;
    form.querySelector("progress").value = whole ? (100 * sent) / whole : 0;
    const mb = (bytes) => (bytes / (1 << 20)).toFixed(1);
    part("amount").textContent = `${mb(sent)} / ${mb(whole)} MB (${Math.floor((100 * sent) / whole)}%)`;
  };

  const begin = async (file, carrier, key) => {
    const left = key && localStorage.getItem(key);
    if (left) {
      try {
        const there = await ask("HEAD", left);
        if (Number(there.getResponseHeader("Upload-Length")) === file.size) {
          say("Resumed");
          return [left, Number(there.getResponseHeader("Upload-Offset"))];
        }
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
      }
      localStorage.removeItem(key);
    }
    const words = { carrier, filename: file.name, ...(file.type && { filetype: file.type }) };
    const made = await ask("POST", form.dataset.uploads, {
      "Upload-Length": file.size,
      "Upload-Metadata": Object.entries(words).map(([name, value]) => `${name} ${base64(value)}`).join(","),
    });
    const url = made.getResponseHeader("Location");
    if (key) localStorage.setItem(key, url);
    say("Sending");
    return [url, 0];
  };

  const send = async (file, carrier) => {
    const key = await keyOf(file, carrier);
    say("Waiting");
    let offset;
    [address, offset] = await begin(file, carrier, key);
    for (let broken = 0; state === "sending" && offset < file.size;) {
      try {
        const piece = file.slice(offset, offset + PIECE);
        if (offset + piece.size === file.size && broken === 0 && file.size > PIECE) say("Checking");
        const taken = await ask("PATCH", address, { "Upload-Offset": offset, "Content-Type": "application/offset+octet-stream" },
          piece, (event) => amount(offset + event.loaded, file.size));
        offset = Number(taken.getResponseHeader("Upload-Offset"));
        amount(offset, file.size);
        if (broken) say("Sending");
        broken = 0;
      } catch (error) {
        const passing = !(error instanceof Refusal) || error.status >= 500
          || error.problem.errors?.some((each) => each.field === "Upload-Offset");
        if (state !== "sending") return;
        if (!passing || broken >= 40) throw error;
        say("Broken");
        await new Promise((go) => setTimeout(go, 1000 * WAITS[Math.min(broken, WAITS.length - 1)]));
        broken += 1;
        const there = await ask("HEAD", address).catch((lost) => { if (lost instanceof Refusal) throw lost; return null; });
        if (there) offset = Number(there.getResponseHeader("Upload-Offset"));
      }
    }
    if (state !== "sending") return;
    if (key) localStorage.removeItem(key);
    show("idle");
    say("Done");
    location.assign(form.dataset.next);
  };

  const line = (tag, text, parent, name) => {
    const made = document.createElement(tag);
    made.textContent = text;
    if (name) made.className = name;
    parent.append(made);
    return made;
  };
  const tell = (error) => {
    const zh = document.documentElement.lang.startsWith("zh");
    const box = part("fault");
    const problem = error instanceof Refusal ? error.problem : {};
    box.replaceChildren();
    box.hidden = false;
    line("p", `✗ ${form.dataset.saidFailed}${problem.title ? ` — ${problem.title}` : ""}`, box);
    for (const each of problem.errors ?? []) line("p", each.message, box);
    for (const reason of problem.reasons ?? []) {
      line("p", zh ? reason.text.zh : reason.text.en, box);
      const rules = line("ul", "", box, "clauses");
      for (const rule of reason.rules) {
        const item = line("li", "", rules);
        line("span", rule.id, item, "rule");
        item.append(` ${zh ? rule.regulation.zh : rule.regulation.en} ${rule.article} ${zh ? rule.brief.zh : rule.brief.en}`);
      }
      if (reason.remedy) line("p", (zh ? reason.remedy.text.zh : reason.remedy.text.en), box, "remedy");
    }
    say("");
  };

  const show = (now) => {
    state = now;
    part("send").disabled = now === "sending";
    part("pause").hidden = now !== "sending";
    part("cancel").hidden = now !== "sending" && !(now === "paused" && address);
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    delete form.dataset.sent;
    const file = form.querySelector("input[type=file]").files[0];
    if (!file || state === "sending") return;
    part("fault").hidden = true;
    show("sending");
    try {
      await send(file, form.elements.carrier.value);
    } catch (error) {
      tell(error);
    } finally {
      if (state === "sending") show("idle");
    }
  });
  part("pause").addEventListener("click", () => { show("paused"); request?.abort(); say(""); });
  part("cancel").addEventListener("click", async () => {
    show("idle");
    request?.abort();
    if (address) await ask("DELETE", address).catch(() => undefined);
    for (const key of Object.keys(localStorage)) if (localStorage.getItem(key) === address) localStorage.removeItem(key);
    address = null;
    part("progress").hidden = true;
    say("Cancelled");
  });
  window.addEventListener("beforeunload", (event) => { if (state === "sending") event.preventDefault(); });
})();
