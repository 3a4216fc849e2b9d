// Redraws the page when the feed says that something of ours happened. The stream starts at the position that the page was drawn at, so
// nothing falls in between; the browser itself resumes a lost connection with the last id.
const live = document.getElementById("live");
const news = document.getElementById("news");
const hint = live.textContent;
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const states = () => new Map([...document.querySelectorAll(".order")].map((one) => [one.id, one.dataset.state]));

async function redraw() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("drawn");
  const drawn = document.getElementById("drawn");
  const before = states();
  const open = [...drawn.querySelectorAll("details[open]")].map((one) => one.id);
  const focused = document.activeElement && document.activeElement.closest(".order");
  drawn.replaceWith(fresh);
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  if (focused) document.querySelector(`#${focused.id} > summary`)?.focus({ preventScroll: true });
  const changed = [...fresh.querySelectorAll(".order")].filter((one) => before.get(one.id) !== one.dataset.state);
  for (const one of changed) one.classList.add("new");
  const lines = changed.slice(0, 3).map((one) => fill(live.dataset.changed, { number: one.dataset.number, state: one.dataset.state }));
  lines.push(fill(live.dataset.balance, { amount: document.getElementById("available").textContent }));
  news.textContent = lines.join(" · ");
}

// One redraw at a time, and one more when something came meanwhile.
let drawing = false;
let again = false;
async function changed() {
  again = true;
  if (drawing) return;
  drawing = true;
  while (again) {
    again = false;
    try {
      await redraw();
    } catch {
      break; // the network; the stream will tell when it is back
    }
    await new Promise((done) => setTimeout(done, 200));
  }
  drawing = false;
}

const source = new EventSource(`/stream?party=${encodeURIComponent(live.dataset.party)}&after=${live.dataset.after}`);
for (const kind of live.dataset.kinds.split(" ")) source.addEventListener(kind, changed);
source.addEventListener("error", () => { live.textContent = live.dataset.lost; });
source.addEventListener("open", () => { live.textContent = hint; });
