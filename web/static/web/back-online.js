/* The page shown without a network: it loads the one that was wanted once there is one again. */

const EVERY_MS = 10_000;

const again = () => location.reload();

addEventListener("online", again);
// The network may be there and the house away: nobody tells when it is back.
setInterval(() => {
  fetch("/healthz/", { cache: "no-store" }).then((answer) => answer.ok && again(), () => null);
}, EVERY_MS);
document.querySelector("[data-again]").addEventListener("click", again);
