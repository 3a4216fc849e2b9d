// Keeps an entry on this phone until the server has answered. The content, its time included, is fixed when it is first sent,
// so that sending it again is the same statement and changes nothing.
const form = document.getElementById("log");
const news = document.getElementById("news");
const waiting = document.getElementById("waiting");
const KEY = "suyuan.unsent." + form.dataset.member;
const clockGap = Date.parse(form.at.value) - Date.now(); // the server's clock against this phone's
const when = document.getElementById("when");
when.textContent = when.dataset.js;

const read = () => JSON.parse(localStorage.getItem(KEY) || "[]");
const write = (entries) => { localStorage.setItem(KEY, JSON.stringify(entries)); show(entries); };
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

function zone() {
  const minutes = -new Date().getTimezoneOffset();
  const two = (n) => String(n).padStart(2, "0");
  return (minutes < 0 ? "-" : "+") + two(Math.floor(Math.abs(minutes) / 60)) + ":" + two(Math.abs(minutes) % 60);
}

function show(entries) {
  waiting.hidden = entries.length === 0;
  waiting.querySelector("ul").replaceChildren(...entries.map((entry) => {
    const line = document.createElement("li");
    line.textContent = `${entry.lot} · ${entry.quantity} · ${entry.at.slice(0, 16).replace("T", " ")} (UTC)`;
    return line;
  }));
}

function tell(text, kind, href) {
  const line = document.createElement("p");
  line.className = "notice " + kind;
  line.textContent = text + " ";
  if (href) {
    const link = document.createElement("a");
    link.href = href;
    link.textContent = news.dataset.see;
    line.append(link);
  }
  news.replaceChildren(line);
}

let sending = false;
async function send() {
  if (sending) return;
  sending = true;
  try {
    for (let entry = read()[0]; entry; entry = read()[0]) {
      tell(news.dataset.sending, "calm");
      let answer;
      try {
        answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(entry), headers: { Accept: "application/json" } });
      } catch {
        tell(news.dataset.kept, "warn");
        return;
      }
      if (answer.status === 401) return tell(news.dataset.login, "warn", "/login?next=/log");
      if (answer.status >= 500) return tell(news.dataset.kept, "warn");
      const said = await answer.json();
      write(read().slice(1));
      if (answer.ok) tell(fill(said.outcome === "repeated" ? news.dataset.again : news.dataset.sent, entry), "good", said.href);
      else tell(fill(news.dataset.refused, { lot: entry.lot, what: said.detail }), "bad");
    }
  } finally {
    sending = false;
  }
}

form.addEventListener("submit", (submitted) => {
  submitted.preventDefault();
  if (!form.reportValidity()) return;
  const entry = Object.fromEntries(new FormData(form));
  entry.at = new Date(Date.now() + clockGap).toISOString();
  entry.zone = zone();
  const same = (other) => ["product", "lot", "quantity", "unit", "place"].every((name) => other[name] === entry[name]);
  const entries = read();
  if (!entries.some(same)) write([...entries, entry]); // pressed twice: the first one's time stands
  form.lot.value = "";
  form.quantity.value = "";
  send();
});
window.addEventListener("online", send);
setInterval(() => { if (read().length) send(); }, 15000);
show(read());
if (read().length) send();
