/* A page that the back button brings back shows what was when it was left, with its buttons as they
   were then; it is loaded anew. */

addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
