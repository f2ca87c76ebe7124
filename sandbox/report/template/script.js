
"use strict";
// Filters, opens and closes what is there already; without it the page shows all the same.
const payments = [...document.querySelectorAll(".payment")];
const texts = new Map(payments.map((one) => [one, one.textContent.toLowerCase()]));
const controls = document.getElementById("controls");
const words = document.getElementById("words");
const toggle = document.getElementById("toggle");

function show() {
  const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
  const outcome = controls.elements.outcome.value;
  let number = 0;
  for (const one of payments) {
    const kind = outcome === "" || one.dataset.outcome === outcome || (outcome === "WRONG" && "wrong" in one.dataset);
    const found = kind && wanted.every((word) => texts.get(one).includes(word));
    one.hidden = !found;
    number += found;
  }
  document.getElementById("count").value = `${number} of ${payments.length} shown`;
  document.getElementById("nothing").hidden = number > 0;
}

function openAll(open) {
  for (const one of payments.filter((payment) => !payment.hidden)) {
    one.open = open;
    for (const attempt of one.querySelectorAll("details")) attempt.open = open;
  }
  toggle.textContent = open ? "Close all" : "Open all";
}

function move(step) {
  const shown = payments.filter((one) => !one.hidden).map((one) => one.querySelector("summary"));
  const next = shown[shown.indexOf(document.activeElement) + step];
  if (next) next.focus();
}

function target() {
  const one = document.getElementById(location.hash.slice(1));
  if (one && payments.includes(one)) one.open = true;
}

controls.addEventListener("input", show);
controls.addEventListener("submit", (event) => event.preventDefault());
toggle.addEventListener("click", () => openAll(toggle.textContent === "Open all"));
window.addEventListener("hashchange", target);
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = document.activeElement === words;
  const onRow = document.activeElement.matches(".payment > summary");
  if (event.key === "/" && !typing) words.focus();
  else if (event.key === "Escape" && typing) { words.value = ""; show(); }
  else if (event.key === "ArrowDown" && typing) move(1);
  else if (event.key === "ArrowDown" && onRow) move(1);
  else if (event.key === "ArrowUp" && onRow) move(-1);
  else return;
  event.preventDefault();
});

// A closed part is not printed.
let closed = [];
window.addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll("details:not([open])")];
  for (const one of closed) one.open = true;
});
window.addEventListener("afterprint", () => { for (const one of closed) one.open = false; });

show();
target();
