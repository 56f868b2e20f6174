// What the shell does beyond HTML: keys, focus, guarded forms, one send at a time, a lost network. All pages work
// without it. It reads these attributes:
//   data-key="/" "F2" "Alt+1" "Alt+N" "Ctrl+Enter" "Esc"   the key that focuses this field or clicks this control
//   body data-keys="off"       no key of ours acts
//   data-list, data-item       arrows, Home and End move among the items of a list; Enter is the item's own
//   data-list-for="id"         Arrow down in this field goes to that list
//   data-pick                  Enter in this field takes the first item of its list
//   data-focus                 takes the focus, once, when the page opens or this piece arrives
//   form data-guard            what is typed here is not lost to a key or a link: it is asked about
//   form data-park="address"   instead of asking, what is typed is sent there first
//   data-parked="form id"      what is typed in that form is sent there whenever the hands rest; shows the answer's words
//   form data-again            may be sent again at once (a download)
//   form data-leaves, a data-stays   a form that leaves the page; a link that does not
//   button data-busy="words"   shown while its form is under way
//   body data-pulse="address"  asked every few seconds whether the server is there; "sifa:back" tells once it is again
//   data-steady                a list that refreshes itself: not while the pointer or the focus is on it
//   data-print                 paper: it is printed once, when it arrives
//   data-pad, data-digit       keys of a keypad for the figure last touched; data-digit="erase" takes one back
//   data-hand, data-hand-switch   the side where a keypad lies, and what moves it to the other hand

const PULSE = 4000;
const TOAST = 8000;
const REST = 2000;
const { body } = document;
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const isShown = (element) => element.getClientRects().length > 0;
const isText = (element) => element.matches("textarea, select, [contenteditable], input:not([type=radio], [type=checkbox], [type=button], [type=submit])");

// ---- keys ----------------------------------------------------------------------------------------------------------

function keyName(event) {
  if (event.getModifierState("AltGraph") || (event.ctrlKey && event.altKey)) return null; // typing, on many keyboards
  if (event.ctrlKey || event.metaKey) return event.key === "Enter" ? "Ctrl+Enter" : null;
  if (event.altKey) {
    const digit = /^Digit(\d)$/.exec(event.code); // never the numeric pad: Alt and its digits write a character
    if (digit) return `Alt+${digit[1]}`;
    if (/^[a-z]$/i.test(event.key)) return `Alt+${event.key.toUpperCase()}`; // Turkish F moves letters: the key itself
    const letter = /^Key([A-Z])$/.exec(event.code); // an Arabic keyboard: the place of the letter
    return letter ? `Alt+${letter[1]}` : null;
  }
  if (event.key === "Escape") return "Esc";
  if (/^F\d+$/.test(event.key)) return event.key;
  const isSlash = event.key === "/" || (event.code === "Slash" && event.key > "~");
  return isSlash && !isText(event.target) ? "/" : null;
}

function actOn(element) {
  if (isText(element)) {
    element.focus();
    element.select?.();
  } else element.click();
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.repeat || document.querySelector("dialog[open]")) return;
  if (moveInList(event)) return event.preventDefault();
  const name = body.dataset.keys === "off" ? null : keyName(event);
  const element = name && all("[data-key]").find((one) => one.dataset.key === name && isShown(one));
  if (!element) return;
  event.preventDefault();
  actOn(element);
});

function moveInList(event) {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return false;
  const list = event.target.closest("[data-list]");
  const field = event.target.closest("[data-list-for]");
  if (!list && !field) return false;
  const items = all("[data-item]", list ?? document.getElementById(field.dataset.listFor) ?? undefined).filter(isShown);
  const place = items.indexOf(event.target.closest("[data-item]"));
  const next = {
    ArrowDown: place + 1,
    ArrowUp: place - 1,
    ...(list && { Home: 0, End: items.length - 1 }),
  }[event.key];
  if (event.key === "Enter" && field && "pick" in field.dataset && items.length) {
    items[0].click();
    return true;
  }
  if (next === undefined || (list && place < 0) || (field && event.key !== "ArrowDown")) return false;
  if (next < 0) all("[data-list-for]").find((one) => one.dataset.listFor === list?.id)?.focus();
  else items[next]?.focus();
  return true;
}

// ---- focus ---------------------------------------------------------------------------------------------------------

function takeFocus(root) {
  const wanted = root.querySelector("[data-focus]") ?? (root.matches?.("[data-focus]") ? root : null);
  if (wanted) {
    wanted.focus();
    delete wanted.dataset.focus; // once: a field that asks the server while it is typed in does not call the focus back
  } else if (root !== document && document.activeElement === body) document.getElementById("main")?.focus();
}

document.addEventListener("click", (event) => {
  const line = event.target.closest('.errors a[href^="#"]');
  const field = line && document.getElementById(line.hash.slice(1));
  if (!field) return;
  event.preventDefault();
  field.focus();
});

document.addEventListener("htmx:afterSettle", (event) => {
  remember(document);
  takeFocus(event.detail.elt ?? document);
});

// ---- what is typed is not lost -------------------------------------------------------------------------------------

const before = new WeakMap();
let isLeaving = false;

function contents(form) {
  const fields = [...new FormData(form)].filter(([name]) => !["csrf_token", "op", "version"].includes(name));
  return JSON.stringify(fields.map(([name, value]) => [name, value.name ?? value]));
}

function remember(root) {
  for (const form of all("form[data-guard]", root)) if (!before.has(form)) before.set(form, contents(form));
}

function isDirty(form) {
  return before.has(form) && (form.querySelector(".errors") !== null || before.get(form) !== contents(form));
}

const dirtyForms = (except) => all("form[data-guard]").filter((form) => form !== except && isDirty(form));

async function parked(form) {
  if (!form.dataset.park) return false;
  const sent = contents(form);
  try {
    const answer = await fetch(form.dataset.park, { method: "POST", body: new FormData(form), keepalive: true });
    const words = await answer.text();
    if (!answer.ok || answer.redirected) return false; // a locked screen answers with another page
    before.set(form, sent);
    for (const place of all("[data-parked]")) if (place.dataset.parked === form.id && words) place.textContent = words;
    return true;
  } catch {
    showNetwork(false);
    return false;
  }
}

const resting = new WeakMap();
document.addEventListener("input", ({ target: { form } }) => {
  if (!form?.dataset.park || !all("[data-parked]").some((place) => place.dataset.parked === form.id)) return;
  clearTimeout(resting.get(form));
  resting.set(form, setTimeout(() => form.dataset.busyNow || parked(form), REST));
});

async function mayLeave(forms) {
  const kept = await Promise.all(forms.map(parked));
  if (kept.every(Boolean)) return true;
  return (await answerTo(document.getElementById("leave"))) === "leave";
}

function answerTo(dialog) {
  dialog.showModal();
  // not by the close event: it comes late, and a second question may stand by then
  return new Promise((resolve) => {
    dialog.oncancel = () => resolve("stay");
    for (const button of all("[data-close]", dialog)) {
      button.onclick = () => {
        dialog.close();
        resolve(button.dataset.close);
      };
    }
  });
}

async function leaveBy(forms, go) {
  if (!(await mayLeave(forms))) return;
  isLeaving = true;
  go();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || event.defaultPrevented || isLeaving || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (link.target === "_blank" || link.hasAttribute("download") || "stays" in link.dataset) return;
  if (link.pathname + link.search === location.pathname + location.search && link.hash) return;
  const forms = dirtyForms();
  if (!forms.length) return;
  event.preventDefault();
  leaveBy(forms, () => location.assign(link.href));
});

window.addEventListener("beforeunload", (event) => {
  if (!isLeaving && dirtyForms().length) event.preventDefault();
});

// ---- one send at a time, and none into nothing ---------------------------------------------------------------------

const cleared = new WeakSet(); // forms whose next submit has passed every question

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (form.dataset.busyNow) return hold(event);
    if (cleared.delete(form)) return undefined;
    const others = "hxPost" in form.dataset || form.hasAttribute("hx-post") ? [] : dirtyForms(form);
    const needsServer = "guard" in form.dataset && body.dataset.pulse;
    if ((!others.length || isLeaving) && !needsServer) return undefined;
    hold(event);
    sendWhenClear(form, event.submitter, isLeaving ? [] : others, needsServer);
    return undefined;
  },
  true,
);

function hold(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

async function sendWhenClear(form, submitter, others, needsServer) {
  form.dataset.busyNow = "asking";
  const isClear = (!others.length || (await mayLeave(others))) && (!needsServer || (await serverAnswers()));
  delete form.dataset.busyNow;
  if (!isClear) return;
  cleared.add(form);
  form.requestSubmit(submitter);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("hx-post")) return;
  isLeaving = true;
  if (!("again" in form.dataset)) busy(form, event.submitter, true);
  else isLeaving = false;
});

function busy(form, submitter, isBusy) {
  if (isBusy) form.dataset.busyNow = "sending";
  else delete form.dataset.busyNow;
  for (const button of isBusy ? [submitter].filter(Boolean) : [...form.elements].filter((one) => one.ariaBusy === "true")) {
    if (isBusy) button.setAttribute("aria-busy", "true");
    else button.removeAttribute("aria-busy");
  }
}

// a draft that htmx has sent and the server has kept is not asked about any more; nor is a page that htmx leads away from
const sent = new WeakMap();
const draftOf = ({ target, detail }) => {
  const form = target.closest?.("form[data-park]");
  return form && detail.requestConfig?.path === form.getAttribute("action") ? form : null;
};
document.addEventListener("htmx:beforeSend", (event) => {
  const form = draftOf(event);
  if (form) sent.set(form, contents(form));
});
document.addEventListener("htmx:afterRequest", (event) => {
  const form = draftOf(event);
  if (form && event.detail.successful && sent.has(form)) before.set(form, sent.get(form));
});
document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.detail.xhr.getResponseHeader("HX-Redirect")) isLeaving = true;
});

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.matches("form")) busy(event.target, event.detail.requestConfig.triggeringEvent?.submitter, true);
});
// a refused form comes back in the place of the one that was sent: whoever has none under way is free again
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.matches("form") ? event.target : document.getElementById(event.detail.requestConfig?.elt.id);
  if (form?.matches("form")) busy(form, null, false);
});
window.addEventListener("pageshow", () => {
  isLeaving = false;
  for (const form of document.forms) busy(form, null, false);
});

// ---- the network ---------------------------------------------------------------------------------------------------

const banner = document.getElementById("offline");
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", numberingSystem: "latn" });
let lastAnswer = new Date();

async function serverAnswers() {
  if (!body.dataset.pulse) return true;
  let isThere = false;
  try {
    isThere = (await fetch(body.dataset.pulse, { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(3000) })).ok;
  } catch {
    // no answer is the answer
  }
  showNetwork(isThere);
  return isThere;
}

function showNetwork(isThere) {
  if (isThere) lastAnswer = new Date();
  if (!banner || banner.hidden === isThere) return;
  if (!isThere) banner.querySelector("[data-since]").textContent = clock.format(lastAnswer);
  banner.hidden = isThere;
  if (isThere) htmx.trigger(body, "sifa:back");
  for (const words of all(".btn-primary[type=submit] > span")) {
    if (!isThere) words.dataset.words = words.textContent;
    words.textContent = isThere ? (words.dataset.words ?? words.textContent) : banner.dataset.again;
  }
}

window.addEventListener("offline", () => showNetwork(false));
window.addEventListener("online", serverAnswers);
document.addEventListener("htmx:sendError", () => showNetwork(false));
setInterval(() => document.visibilityState === "visible" && serverAnswers(), PULSE);

// ---- words and lists from elsewhere, the menu, the keypad ----------------------------------------------------------

document.addEventListener("htmx:beforeSwap", (event) => {
  const list = event.detail.target.closest?.("[data-steady]");
  const isUnderHand = matchMedia("(hover: hover)").matches ? ":hover, :focus-within" : ":focus-within";
  if (list?.matches(isUnderHand)) event.detail.shouldSwap = false;
});

// what a person has unfolded stays unfolded in whatever takes its place; htmx itself gives the focus back by id
let unfolded = [];
document.addEventListener("htmx:beforeSwap", (event) => {
  unfolded = all("details[id][open]").filter((fold) => event.detail.target.contains?.(fold)).map((fold) => fold.id);
});
document.addEventListener("htmx:afterSwap", () => unfolded.forEach((id) => document.getElementById(id)?.setAttribute("open", "")));

function fadeLater(word) {
  setTimeout(() => (word.matches(":hover, :focus-within") ? fadeLater(word) : word.remove()), TOAST);
}
const toasts = document.getElementById("toasts");
if (toasts) new MutationObserver((changes) => changes.forEach((change) => change.addedNodes.forEach((node) => node.nodeType === 1 && fadeLater(node)))).observe(toasts, { childList: true });

document.addEventListener("click", (event) => {
  for (const menu of all("details.who[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest("details.who[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
}, true);

const FIGURES = "input[inputmode=numeric], input[inputmode=decimal], input[data-figure]";
let figure = null;
for (const pad of all("[data-pad]")) {
  pad.classList.add("is-live");
  // a tablet's own keyboard would cover the page beside ours; one on a cable writes all the same
  if (isShown(pad) && matchMedia("(pointer: coarse)").matches)
    for (const one of all(FIGURES)) {
      one.dataset.figure = "";
      one.inputMode = "none";
    }
}
document.addEventListener("focusin", (event) => {
  if (event.target.matches(FIGURES)) figure = event.target;
});
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-hand-switch]")) return;
  const isAtStart = event.target.closest("[data-hand]").classList.toggle("hand-start");
  localStorage.setItem("hand", isAtStart ? "start" : "end");
});
if (localStorage.getItem("hand") === "start") for (const side of all("[data-hand]")) side.classList.add("hand-start");
document.addEventListener("pointerdown", (event) => {
  if (event.target.closest("[data-pad] [data-digit]")) event.preventDefault(); // the figure keeps the focus
});
document.addEventListener("click", (event) => {
  const key = event.target.closest("[data-pad] [data-digit]");
  if (!key || !figure) return;
  figure.value = key.dataset.digit === "erase" ? figure.value.slice(0, -1) : figure.value + key.dataset.digit;
  figure.dispatchEvent(new Event("input", { bubbles: true }));
  figure.focus();
});

// ---- paper ---------------------------------------------------------------------------------------------------------

function printOnce(root) {
  const paper = root.querySelector("[data-print]");
  if (!paper) return;
  delete paper.dataset.print;
  window.print();
}

document.addEventListener("htmx:afterSettle", (event) => printOnce(event.detail.elt ?? document));

remember(document);
takeFocus(document);
printOnce(document);
