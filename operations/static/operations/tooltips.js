// The stock fields for groups and permissions have signs that say something and do not tell what they are.
// They are made when the page has loaded, by a script that was there before this one.

addEventListener("load", () => {
  for (const sign of document.querySelectorAll(".help-tooltip[aria-label]")) sign.setAttribute("role", "img");
});
