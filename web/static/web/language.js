/* The language switch in the foot of every page. */

import { csrfToken } from "./session.js";

const form = document.querySelector("[data-languages]");

// Until this script listens, a press would be lost.
form?.querySelectorAll("button").forEach((button) => { button.disabled = false; });
form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = new URLSearchParams({ language: event.submitter.value });
  await fetch("/language/", {
    method: "POST", body, credentials: "same-origin", headers: { "X-CSRFToken": await csrfToken() },
  });
  location.reload();
});
