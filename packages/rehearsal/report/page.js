// Every word has to stand in an account's name and facts, or in one row and the account's name.
const form = document.querySelector(".filter");
const input = form.querySelector("input");
const output = form.querySelector("output");
const textOf = (element) => element.textContent.toLowerCase().replace(/\s+/g, " ");

const accounts = [...document.querySelectorAll("section.account")].map((section) => {
  const name = `${section.id} ${textOf(section.querySelector("h2"))}`;
  const about = [name, ...[...section.querySelectorAll(".facts")].map(textOf)].join(" ");
  const rows = [...section.querySelectorAll(".matrix tbody tr")].map((row) => ({
    row,
    text: `${name} ${textOf(row)}`,
  }));
  const elsewhere = [...document.querySelectorAll(`tr[data-account="${CSS.escape(section.id)}"]`)];
  return { section, about, rows, elsewhere };
});

function filter() {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  const has = (text) => words.every((word) => text.includes(word));
  let shownAccounts = 0;
  let shownRows = 0;
  for (const { section, about, rows, elsewhere } of accounts) {
    const whole = has(about);
    const matching = rows.filter(({ text }) => has(text));
    const found = whole || matching.length > 0;
    // An account that is found by its name or its facts alone keeps its whole matrix.
    const shown = new Set(matching.length > 0 ? matching : rows);
    for (const entry of rows) entry.row.hidden = !shown.has(entry);
    if (found) shownRows += shown.size;
    section.hidden = !found;
    for (const row of elsewhere) row.hidden = !found;
    if (found) shownAccounts += 1;
  }
  output.textContent =
    words.length > 0
      ? `${shownAccounts} of ${accounts.length} accounts, ${shownRows} ${shownRows === 1 ? "sign-in" : "sign-ins"}`
      : "";
}

form.hidden = false;
form.addEventListener("submit", (event) => event.preventDefault());
input.addEventListener("input", filter);
// A browser may keep what was typed when the page is loaded again.
if (input.value) filter();
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && document.activeElement !== input) {
    event.preventDefault();
    input.focus();
  }
});
