// Times come in the zone of the house; here they are retold in the zone of whoever reads.

const SHORT = new Intl.DateTimeFormat("sv-SE", {
  year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
});
const FULL = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "full", timeStyle: "long" });

/** Retell every time below an element; the full time with its zone stands in the title. */
export function retell(root) {
  for (const time of root.querySelectorAll("time.moment:not([data-told])")) {
    const at = new Date(time.dateTime);
    time.textContent = SHORT.format(at);
    time.title = `${FULL.format(at)} · ${time.title}`;
    time.dataset.told = "";
  }
}

retell(document);
